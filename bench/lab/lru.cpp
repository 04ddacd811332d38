// A plain LRU: a hash table of the library and a list, as one would write it first. Reads int32 block numbers; prints misses and CPU seconds of the replay.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <list>
#include <unordered_map>
#include <vector>

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  std::FILE* file = std::fopen(argv[1], "rb");
  if (!file) return 2;
  std::fseek(file, 0, SEEK_END);
  std::vector<int32_t> blocks(std::ftell(file) / sizeof(int32_t));
  std::rewind(file);
  if (std::fread(blocks.data(), sizeof(int32_t), blocks.size(), file) != blocks.size()) return 2;
  std::fclose(file);
  const size_t capacity = std::strtoull(argv[2], nullptr, 10);
  std::list<int32_t> order;
  std::unordered_map<int32_t, std::list<int32_t>::iterator> where;
  where.reserve(capacity);
  uint64_t misses = 0;
  const std::clock_t before = std::clock();
  for (int32_t block : blocks) {
    auto found = where.find(block);
    if (found != where.end()) {
      order.splice(order.begin(), order, found->second);
      continue;
    }
    misses++;
    if (where.size() == capacity) {
      where.erase(order.back());
      order.pop_back();
    }
    order.push_front(block);
    where[block] = order.begin();
  }
  std::printf("{\"misses\": %llu, \"seconds\": %.4f}\n", (unsigned long long)misses, double(std::clock() - before) / CLOCKS_PER_SEC);
}
