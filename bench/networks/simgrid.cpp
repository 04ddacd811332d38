// The flows of loop.ts in SimGrid (CM02, gamma 0, no cross-traffic: pure max-min): the same hosts, ports, draws and bytes.
//   g++ -O2 -std=c++17 simgrid.cpp -lsimgrid
//   ./a.out closed HOSTS PER_HOST FLOWS    prints CPU seconds and when the last flow ended
//   ./a.out open HOSTS FLOWS               prints when each flow ended, host by host
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <simgrid/s4u.hpp>
#include <string>
#include <vector>

namespace sg4 = simgrid::s4u;

class Draws {
  uint64_t state_;

public:
  explicit Draws(uint64_t stream) : state_(stream * 7919 + 17) {}
  uint64_t below(uint64_t bound)
  {
    state_ = (1103515245 * state_ + 12345) & 0x7fffffff;
    return (state_ >> 8) % bound;
  }
  int other(int from, int hosts) { return (from + 1 + static_cast<int>(below(hosts - 1))) % hosts; }
  uint64_t bytes() { return 1000000 + below(18000000); }
};

static std::vector<sg4::Host*> make_hosts(int hosts)
{
  auto* zone = sg4::create_full_zone("zone");
  std::vector<sg4::Host*> host;
  std::vector<sg4::Link*> out, in;
  for (int i = 0; i < hosts; i++) {
    const std::string n = std::to_string(i);
    host.push_back(zone->create_host("h" + n, 1e9)->seal());
    out.push_back(zone->create_link("out" + n, 12.5e9)->set_latency(0)->seal());
    in.push_back(zone->create_link("in" + n, 12.5e9)->set_latency(0)->seal());
  }
  for (int a = 0; a < hosts; a++)
    for (int b = 0; b < hosts; b++)
      if (a != b)
        zone->add_route(host[a]->get_netpoint(), host[b]->get_netpoint(), nullptr, nullptr,
                        {{out[a], sg4::LinkInRoute::Direction::NONE}, {in[b], sg4::LinkInRoute::Direction::NONE}}, false);
  zone->seal();
  return host;
}

static void closed_loop(sg4::Engine& engine, int hosts, int per_host, int flows)
{
  const auto host  = make_hosts(hosts);
  const int slots  = hosts * per_host;
  const int each   = flows / slots;
  for (int slot = 0; slot < slots; slot++)
    sg4::Actor::create("slot", host[slot % hosts], [slot, hosts, each, &host] {
      Draws draws(slot);
      const int from = slot % hosts;
      for (int i = 0; i < each; i++) {
        const int to         = draws.other(from, hosts);
        const uint64_t bytes = draws.bytes();
        sg4::Comm::sendto(host[from], host[to], bytes);
      }
    });
  const std::clock_t before = std::clock();
  engine.run();
  std::printf("%.6f %.9f\n", static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC, sg4::Engine::get_clock());
}

static void open_arrivals(sg4::Engine& engine, int hosts, int flows)
{
  const auto host = make_hosts(hosts);
  const int each  = flows / hosts;
  std::vector<double> ends(static_cast<size_t>(hosts) * each);
  for (int from = 0; from < hosts; from++)
    sg4::Actor::create("host", host[from], [from, hosts, each, &host, &ends] {
      Draws draws(from);
      uint64_t at_ns = 0;
      for (int i = 0; i < each; i++) {
        at_ns += draws.below(2666667);
        const int to         = draws.other(from, hosts);
        const uint64_t bytes = draws.bytes();
        double* end          = &ends[static_cast<size_t>(from) * each + i];
        sg4::this_actor::sleep_until(static_cast<double>(at_ns) / 1e9);
        sg4::Actor::create("flow", host[from], [from, to, bytes, end, &host] {
          sg4::Comm::sendto(host[from], host[to], bytes);
          *end = sg4::Engine::get_clock();
        });
      }
    });
  engine.run();
  for (const double end : ends)
    std::printf("%.12f\n", end);
}

int main(int argc, char** argv)
{
  sg4::Engine engine(&argc, argv);
  sg4::Engine::set_config("network/model:CM02");
  sg4::Engine::set_config("network/TCP-gamma:0");
  sg4::Engine::set_config("network/crosstraffic:0");
  sg4::Engine::set_config("network/weight-S:0");
  const std::string mode = argv[1];
  const int hosts        = std::atoi(argv[2]);
  if (mode == "closed")
    closed_loop(engine, hosts, std::atoi(argv[3]), std::atoi(argv[4]));
  else
    open_arrivals(engine, hosts, std::atoi(argv[3]));
  return 0;
}
