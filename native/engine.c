/* What both kinds of engine share: memory, slots, and the checks that keep every request inside the arena. */
#define _GNU_SOURCE
#include "engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Memory aligned to huge pages, touched once so that no fault happens within a measurement. */
static uint8_t *map_arena(size_t bytes, bool *huge) {
  size_t padded = bytes + HUGE_PAGE;
  uint8_t *map = mmap(NULL, padded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED) return NULL;
  uint8_t *aligned = (uint8_t *)(((uintptr_t)map + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1));
  size_t before = (size_t)(aligned - map);
  if (before > 0) munmap(map, before);
  if (HUGE_PAGE - before > 0) munmap(aligned + bytes, HUGE_PAGE - before);
  *huge = *huge && madvise(aligned, bytes, MADV_HUGEPAGE) == 0;
  memset(aligned, 0, bytes);
  return aligned;
}

/* One block of memory: four columns of doubles, then six of 32-bit integers; src/runtime/nativeRing.ts has the same order. */
static bool map_columns(struct engine *engine) {
  size_t depth = engine->depth;
  engine->controlBytes = (depth * (4 * sizeof(double) + 6 * sizeof(int32_t)) + 4095) & ~(size_t)4095;
  engine->control = mmap(NULL, engine->controlBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (engine->control == MAP_FAILED) {
    engine->control = NULL;
    return false;
  }
  double *d = engine->control;
  int32_t *i = (int32_t *)(d + 4 * depth);
  engine->columns = (struct columns){
      .offset = d, .buffer = d + depth, .submittedNs = d + 2 * depth, .completedNs = d + 3 * depth,
      .op = i, .file = i + depth, .length = i + 2 * depth, .tag = i + 3 * depth, .doneTag = i + 4 * depth, .result = i + 5 * depth,
  };
  return true;
}

int engine_create(struct engine *engine, int kind, unsigned depth, size_t arenaBytes, unsigned threads, bool hugePages) {
  memset(engine, 0, sizeof *engine);
  engine->kind = kind;
  engine->depth = depth;
  engine->uring.fd = -1;
  engine->eventFd = -1;
  engine->step = STEP_MEMORY;
  if (depth == 0 || depth > DEPTH_MAX || arenaBytes > ARENA_MAX) return -EINVAL;
  engine->arenaBytes = (arenaBytes + HUGE_PAGE - 1) & ~(size_t)(HUGE_PAGE - 1);
  engine->slots = calloc(depth, sizeof *engine->slots);
  engine->freeSlots = calloc(depth, sizeof *engine->freeSlots);
  int error = engine->slots != NULL && engine->freeSlots != NULL && map_columns(engine) ? 0 : -ENOMEM;
  for (unsigned i = 0; error == 0 && i < depth; i++) engine->freeSlots[engine->freeCount++] = depth - 1 - i;
  if (error == 0 && engine->arenaBytes > 0) {
    engine->step = STEP_ARENA;
    engine->hugePages = hugePages;
    engine->arena = map_arena(engine->arenaBytes, &engine->hugePages);
    if (engine->arena == NULL) error = -ENOMEM;
  }
  if (error == 0) error = kind == KIND_URING ? uring_create(engine) : pool_create(engine, threads);
  if (error == 0) {
    engine->step = STEP_NONE;
    return 0;
  }
  engine_close(engine);
  engine_free_memory(engine);
  return error;
}

int engine_files(struct engine *engine, const int32_t *files, unsigned count) {
  if (count > FILES_MAX) return -EINVAL;
  if (engine->inFlight > 0) return -EBUSY;
  for (unsigned i = 0; i < count; i++) engine->files[i] = files[i];
  engine->fileCount = count;
  return engine->kind == KIND_URING ? uring_files(engine) : 0;
}

/* Rows come from JavaScript: whatever they say, no request may touch memory outside the arena. */
static bool row_is_valid(const struct engine *engine, unsigned row) {
  const struct columns *c = &engine->columns;
  if (c->op[row] == OP_NOP) return true;
  if (c->file[row] < 0 || (unsigned)c->file[row] >= engine->fileCount) return false;
  if (c->op[row] == OP_SYNC) return true;
  if (c->op[row] != OP_READ && c->op[row] != OP_WRITE) return false;
  return c->length[row] > 0 && c->buffer[row] >= 0 && c->buffer[row] + c->length[row] <= (double)engine->arenaBytes && c->offset[row] >= 0;
}

int engine_submit(struct engine *engine, unsigned count) {
  if (count > engine->freeCount) return -ENOSPC;
  for (unsigned row = 0; row < count; row++)
    if (!row_is_valid(engine, row)) return -EINVAL;
  double now = now_ns();
  uint32_t *slots = engine->freeSlots + engine->freeCount - count;
  for (unsigned row = 0; row < count; row++) engine->slots[slots[row]] = (struct slot){.submittedNs = now, .tag = engine->columns.tag[row]};
  engine->freeCount -= count;
  engine->inFlight += count;
  return engine->kind == KIND_URING ? uring_submit(engine, count, slots) : pool_submit(engine, count, slots);
}

int engine_complete(struct engine *engine, unsigned min, double timeoutNs) {
  eventfd_t count;
  if (engine->eventFd >= 0) eventfd_read(engine->eventFd, &count); /* before looking: what comes after wakes the listener again */
  if (min > engine->inFlight) min = engine->inFlight;
  return engine->kind == KIND_URING ? uring_complete(engine, min, timeoutNs) : pool_complete(engine, min, timeoutNs);
}

void engine_close(struct engine *engine) {
  bool uring = engine->kind == KIND_URING;
  if (engine->inFlight > 0) {
    if (uring) uring_cancel(engine);
    else pool_cancel(engine);
    /* Memory is given back only when the kernel has stopped writing to it. */
    while (engine->inFlight > 0 && engine_complete(engine, engine->inFlight, -1) >= 0) {}
  }
  if (uring) uring_destroy(engine);
  else pool_destroy(engine);
  if (engine->eventFd >= 0) close(engine->eventFd);
  engine->eventFd = -1;
  free(engine->slots);
  free(engine->freeSlots);
  engine->slots = NULL;
  engine->freeSlots = NULL;
  engine->freeCount = 0;
}

void engine_free_memory(struct engine *engine) {
  if (engine->arena != NULL) munmap(engine->arena, engine->arenaBytes);
  if (engine->control != NULL) munmap(engine->control, engine->controlBytes);
  engine->arena = NULL;
  engine->control = NULL;
}

int engine_listen(struct engine *engine) {
  if (engine->eventFd >= 0) return engine->eventFd;
  int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) return -errno;
  __atomic_store_n(&engine->eventFd, fd, __ATOMIC_RELEASE);
  int error = engine->kind == KIND_URING ? uring_listen(engine) : 0;
  return error < 0 ? error : fd;
}

struct request engine_request(const struct engine *engine, unsigned row, uint32_t slot) {
  const struct columns *c = &engine->columns;
  return (struct request){
      .op = c->op[row],
      .fd = c->op[row] == OP_NOP ? -1 : engine->files[c->file[row]],
      .length = (uint32_t)c->length[row],
      .slot = slot,
      .offset = (uint64_t)c->offset[row],
      .buffer = engine->arena + (size_t)c->buffer[row],
  };
}

void engine_finish(struct engine *engine, unsigned row, uint32_t slot, int32_t result, double completedNs) {
  struct columns *c = &engine->columns;
  c->doneTag[row] = engine->slots[slot].tag;
  c->result[row] = result;
  c->submittedNs[row] = engine->slots[slot].submittedNs;
  c->completedNs[row] = completedNs;
  engine->freeSlots[engine->freeCount++] = slot;
  engine->inFlight--;
}
