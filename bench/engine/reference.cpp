// What the engine is measured against: the same models as a plain opcode loop over std::priority_queue.
//   g++ -O3 -march=native reference.cpp -o reference
//   reference hold PENDING HOLDS | reference mmc SERVERS CUSTOMERS
// Prints CPU nanoseconds an event (a hold; two a customer), and the mean wait in ticks.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <queue>
#include <vector>

struct Event {
  double time;
  uint64_t order;
  uint16_t op;
  int32_t argument;
};

struct Later {
  bool operator()(const Event &a, const Event &b) const { return a.time != b.time ? a.time > b.time : a.order > b.order; }
};

using Queue = std::priority_queue<Event, std::vector<Event>, Later>;

// sfc32 (Doty-Humphrey), as in src/base/random.ts, with another seeding.
struct Stream {
  uint32_t a, b, c, d = 1;
  explicit Stream(uint32_t seed) : a(seed), b(0x9e3779b9u), c(0x85ebca6bu) {
    for (int i = 0; i < 16; i++) next();
  }
  uint32_t next() {
    const uint32_t sum = a + b + d++;
    a = b ^ (b >> 9);
    b = c + (c << 3);
    c = ((c << 21) | (c >> 11)) + sum;
    return sum;
  }
  double uniform() {
    const uint32_t high = next() >> 5;
    const uint32_t low = next() >> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;
  }
  double exponential() { return -std::log(1 - uniform()); }
};

static double cpuNs() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static void hold(int pending, long holds) {
  Stream stream(7);
  std::vector<double> delays(65536);
  for (double &delay : delays) delay = std::round(stream.exponential() * 1e5);
  Queue queue;
  uint64_t order = 0;
  for (int i = 0; i < pending; i++) queue.push({delays[order & 65535], order, 0, i}), order++;
  double start = 0, time = 0;
  for (long i = -holds / 4; i < holds; i++) {
    if (i == 0) start = cpuNs();
    const Event event = queue.top();
    queue.pop();
    time = event.time;
    queue.push({time + delays[order & 65535], order, event.op, event.argument});
    order++;
  }
  std::printf("%.4f %.1f\n", (cpuNs() - start) / holds, time);
}

// Arrivals at 0.8 (one server) or 0.9 of what the servers can do, service of mean 1 ms.
static void mmc(int servers, long customers) {
  enum { ARRIVE, DEPART };
  Stream arrivals(1), services(2);
  const double meanService = 1e6;
  const double meanArrival = meanService / ((servers == 1 ? 0.8 : 0.9) * servers);
  Queue queue;
  std::queue<double> waiting;
  uint64_t order = 0;
  int busy = 0;
  long arrived = 0, served = 0;
  double waited = 0;
  const double start = cpuNs();
  queue.push({std::round(arrivals.exponential() * meanArrival), order++, ARRIVE, 0});
  while (!queue.empty()) {
    const Event event = queue.top();
    queue.pop();
    const double now = event.time;
    switch (event.op) {
      case ARRIVE:
        if (++arrived < customers) queue.push({now + std::round(arrivals.exponential() * meanArrival), order++, ARRIVE, 0});
        if (busy < servers) {
          busy++;
          queue.push({now + std::round(services.exponential() * meanService), order++, DEPART, 0});
        } else waiting.push(now);
        break;
      case DEPART:
        served++;
        if (waiting.empty()) busy--;
        else {
          waited += now - waiting.front();
          waiting.pop();
          queue.push({now + std::round(services.exponential() * meanService), order++, DEPART, 0});
        }
        break;
    }
  }
  std::printf("%.4f %.1f\n", (cpuNs() - start) / (2.0 * customers), waited / served);
}

int main(int count, char **words) {
  if (count != 4) return 2;
  if (std::strcmp(words[1], "hold") == 0) hold(std::atoi(words[2]), std::atol(words[3]));
  else mmc(std::atoi(words[2]), std::atol(words[3]));
}
