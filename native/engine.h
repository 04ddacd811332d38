/*
 * One engine moves rows of columns: a batch of requests is described in memory that JavaScript sees as typed arrays, handed over by count,
 * and comes back as rows of completions. Two kinds do the moving: the kernel's io_uring, and a pool of threads that call pread and pwrite.
 */
#ifndef TIERSCAPE_ENGINE_H
#define TIERSCAPE_ENGINE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OP_NOP = 0, OP_READ = 1, OP_WRITE = 2, OP_SYNC = 3 };
enum { KIND_URING = 0, KIND_POOL = 1 };

/* Where creating an engine failed. */
enum { STEP_NONE = 0, STEP_SETUP = 1, STEP_FEATURES = 2, STEP_MAP = 3, STEP_ARENA = 4, STEP_THREADS = 5, STEP_MEMORY = 6 };

#define FILES_MAX 64
#define DEPTH_MAX 4096
/* The kernel takes registered buffers of at most 1 GiB each; one arena is one buffer. */
#define ARENA_MAX (1u << 30)
#define HUGE_PAGE (2u << 20)

/* Requests: file is an index into the engine's files, buffer a byte offset into its arena. Completions: result is bytes or -errno. */
struct columns {
  double *offset, *buffer, *submittedNs, *completedNs;
  int32_t *op, *file, *length, *tag, *doneTag, *result;
};

/* A request in flight: what its completion must still say. */
struct slot {
  double submittedNs;
  int32_t tag;
};

struct request {
  int op, fd;
  uint32_t length, slot;
  uint64_t offset;
  uint8_t *buffer;
};

struct uring {
  int fd;
  unsigned flags;
  bool fixedFiles;
  void *rings, *sqes;
  size_t ringsBytes, sqesBytes;
  unsigned *sqHead, *sqTail, *sqMask, *sqArray, *cqHead, *cqTail, *cqMask;
  void *cqes;
};

struct pool {
  pthread_mutex_t lock;
  pthread_cond_t work, done;
  pthread_t *threads;
  unsigned threadCount;
  bool stopping;
  struct request *queue;
  unsigned queueHead, queueTail;
  struct {
    uint32_t slot;
    int32_t result;
  } *finished;
  unsigned finishedHead, finishedTail;
};

struct engine {
  int kind, step;
  unsigned depth, ringDepth, inFlight, freeCount;
  uint32_t *freeSlots;
  struct slot *slots;
  struct columns columns;
  void *control;
  size_t controlBytes;
  uint8_t *arena;
  size_t arenaBytes;
  bool hugePages, fixedBuffers;
  int files[FILES_MAX];
  unsigned fileCount;
  /* Readable when something may be complete; -1 until somebody listens. */
  int eventFd;
  struct uring uring;
  struct pool pool;
};

/* CLOCK_MONOTONIC in nanoseconds, as process.hrtime has it; exact in a double for 104 days of uptime. */
double now_ns(void);

/* 0, or -errno with engine->step saying where. An engine is used by the thread that created it. */
int engine_create(struct engine *engine, int kind, unsigned depth, size_t arenaBytes, unsigned threads, bool hugePages);
int engine_files(struct engine *engine, const int32_t *files, unsigned count);
/* Hands over the first `count` rows. Their number, or -errno: EINVAL (a row outside arena or files) and ENOSPC (more than depth) with
 * nothing handed over; any other error is the end of this engine. */
int engine_submit(struct engine *engine, unsigned count);
/* Waits until `min` requests are complete or the time is over (negative: without limit), and fills rows of completions: their number or -errno. */
int engine_complete(struct engine *engine, unsigned min, double timeoutNs);
/* Cancels what can be cancelled, waits for the rest, and frees all but the memory that JavaScript may still see. */
void engine_close(struct engine *engine);
/* The arena and the columns. Nothing may be in flight. */
void engine_free_memory(struct engine *engine);
/* A descriptor that becomes readable when something may be complete, or -errno. */
int engine_listen(struct engine *engine);

int uring_create(struct engine *engine);
int uring_files(struct engine *engine);
int uring_listen(struct engine *engine);
int uring_submit(struct engine *engine, unsigned count, const uint32_t *slots);
int uring_complete(struct engine *engine, unsigned min, double timeoutNs);
void uring_cancel(struct engine *engine);
void uring_destroy(struct engine *engine);

int pool_create(struct engine *engine, unsigned threads);
int pool_submit(struct engine *engine, unsigned count, const uint32_t *slots);
int pool_complete(struct engine *engine, unsigned min, double timeoutNs);
void pool_cancel(struct engine *engine);
void pool_destroy(struct engine *engine);

/* Used by both kinds: a row becomes a request; a finished slot becomes a row of completions. */
struct request engine_request(const struct engine *engine, unsigned row, uint32_t slot);
void engine_finish(struct engine *engine, unsigned row, uint32_t slot, int32_t result, double completedNs);

#endif
