/* io_uring by its raw system calls: io_uring(7), io_uring_setup(2), io_uring_enter(2). */
#define _GNU_SOURCE
#include "engine.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <linux/time_types.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* Flags newer than the oldest headers that we build with. */
#ifndef IORING_SETUP_COOP_TASKRUN
#define IORING_SETUP_COOP_TASKRUN (1U << 8)
#endif
#ifndef IORING_SETUP_SINGLE_ISSUER
#define IORING_SETUP_SINGLE_ISSUER (1U << 12)
#endif
#ifndef IORING_SETUP_DEFER_TASKRUN
#define IORING_SETUP_DEFER_TASKRUN (1U << 13)
#endif
#ifndef IORING_ASYNC_CANCEL_ALL
#define IORING_ASYNC_CANCEL_ALL (1U << 0)
#endif
#ifndef IORING_ASYNC_CANCEL_ANY
#define IORING_ASYNC_CANCEL_ANY (1U << 2)
#endif

/* user_data of requests that no slot waits for. */
#define NOBODY UINT64_MAX

#define load_acquire(p) __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)

static int enter(struct uring *ring, unsigned submit, unsigned min, unsigned flags, const void *argument, size_t size) {
  int result = (int)syscall(SYS_io_uring_enter, ring->fd, submit, min, flags, argument, size);
  return result < 0 ? -errno : result;
}

/* The best flags that this kernel knows: each step down is one that older kernels refuse with EINVAL (5.11, 5.19, 6.1). */
static int setup(struct engine *engine, struct io_uring_params *params) {
  static const unsigned ladder[] = {
      IORING_SETUP_CQSIZE | IORING_SETUP_COOP_TASKRUN | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
      IORING_SETUP_CQSIZE | IORING_SETUP_COOP_TASKRUN,
      IORING_SETUP_CQSIZE,
  };
  int error = -EINVAL;
  for (unsigned i = 0; i < sizeof ladder / sizeof *ladder && error == -EINVAL; i++) {
    memset(params, 0, sizeof *params);
    params->flags = ladder[i];
    params->cq_entries = 2 * engine->ringDepth; /* room for the cancel request, too */
    int fd = (int)syscall(SYS_io_uring_setup, engine->ringDepth, params);
    error = fd < 0 ? -errno : 0;
    if (fd >= 0) engine->uring.fd = fd;
  }
  engine->uring.flags = params->flags;
  return error;
}

static int map_rings(struct uring *ring, const struct io_uring_params *p) {
  size_t sq = p->sq_off.array + p->sq_entries * sizeof(unsigned);
  size_t cq = p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);
  ring->ringsBytes = sq > cq ? sq : cq;
  ring->sqesBytes = p->sq_entries * sizeof(struct io_uring_sqe);
  ring->rings = mmap(NULL, ring->ringsBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_SQ_RING);
  ring->sqes = mmap(NULL, ring->sqesBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_SQES);
  if (ring->rings == MAP_FAILED || ring->sqes == MAP_FAILED) return -errno;
  uint8_t *base = ring->rings;
  ring->sqHead = (unsigned *)(base + p->sq_off.head);
  ring->sqTail = (unsigned *)(base + p->sq_off.tail);
  ring->sqMask = (unsigned *)(base + p->sq_off.ring_mask);
  ring->sqArray = (unsigned *)(base + p->sq_off.array);
  ring->cqHead = (unsigned *)(base + p->cq_off.head);
  ring->cqTail = (unsigned *)(base + p->cq_off.tail);
  ring->cqMask = (unsigned *)(base + p->cq_off.ring_mask);
  ring->cqes = base + p->cq_off.cqes;
  for (unsigned i = 0; i < p->sq_entries; i++) ring->sqArray[i] = i;
  return 0;
}

int uring_create(struct engine *engine) {
  struct uring *ring = &engine->uring;
  struct io_uring_params params;
  engine->step = STEP_SETUP;
  engine->ringDepth = 2;
  while (engine->ringDepth < engine->depth + 1) engine->ringDepth *= 2;
  int error = setup(engine, &params);
  if (error < 0) return error;
  /* Waiting with a time limit needs EXT_ARG (5.11); one mapping and no lost completions are older. */
  engine->step = STEP_FEATURES;
  unsigned needed = IORING_FEAT_EXT_ARG | IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP;
  if ((params.features & needed) != needed) return -EOPNOTSUPP;
  engine->step = STEP_MAP;
  error = map_rings(ring, &params);
  if (error < 0) return error;
  if (engine->arena != NULL) {
    /* Refused where locked memory is limited (ENOMEM): plain buffers then, and the report says so. */
    struct iovec arena = {.iov_base = engine->arena, .iov_len = engine->arenaBytes};
    engine->fixedBuffers = syscall(SYS_io_uring_register, ring->fd, IORING_REGISTER_BUFFERS, &arena, 1) == 0;
  }
  return 0;
}

int uring_files(struct engine *engine) {
  struct uring *ring = &engine->uring;
  if (ring->fixedFiles) syscall(SYS_io_uring_register, ring->fd, IORING_UNREGISTER_FILES, NULL, 0);
  ring->fixedFiles =
      engine->fileCount > 0 && syscall(SYS_io_uring_register, ring->fd, IORING_REGISTER_FILES, engine->files, engine->fileCount) == 0;
  return 0;
}

/* Not the ring's own descriptor: with deferred task work it does not become readable before somebody enters the kernel. */
int uring_listen(struct engine *engine) {
  return syscall(SYS_io_uring_register, engine->uring.fd, IORING_REGISTER_EVENTFD, &engine->eventFd, 1) < 0 ? -errno : 0;
}

static struct io_uring_sqe *next_sqe(struct uring *ring, unsigned tail) {
  struct io_uring_sqe *sqe = (struct io_uring_sqe *)ring->sqes + (tail & *ring->sqMask);
  memset(sqe, 0, sizeof *sqe);
  return sqe;
}

static void fill(const struct engine *engine, struct io_uring_sqe *sqe, const struct request *request, int fileIndex) {
  bool fixed = engine->fixedBuffers;
  sqe->user_data = request->slot;
  sqe->opcode = IORING_OP_NOP;
  if (request->op == OP_NOP) return;
  sqe->fd = engine->uring.fixedFiles ? fileIndex : request->fd;
  if (engine->uring.fixedFiles) sqe->flags |= IOSQE_FIXED_FILE;
  if (request->op == OP_SYNC) {
    sqe->opcode = IORING_OP_FSYNC;
    sqe->fsync_flags = IORING_FSYNC_DATASYNC;
    return;
  }
  if (request->op == OP_READ) sqe->opcode = fixed ? IORING_OP_READ_FIXED : IORING_OP_READ;
  else sqe->opcode = fixed ? IORING_OP_WRITE_FIXED : IORING_OP_WRITE;
  sqe->addr = (uint64_t)(uintptr_t)request->buffer;
  sqe->len = request->length;
  sqe->off = request->offset;
}

/* Hands all that lies in the submission ring to the kernel. EAGAIN and EBUSY mean that it wants to be relieved of completions first: those wait in
 * its own list (NODROP), so asking for events makes room. */
static int flush(struct uring *ring) {
  for (;;) {
    unsigned pending = *ring->sqTail - load_acquire(ring->sqHead);
    if (pending == 0) return 0;
    int result = enter(ring, pending, 0, 0, NULL, 0);
    if (result == -EAGAIN || result == -EBUSY) result = enter(ring, pending, 0, IORING_ENTER_GETEVENTS, NULL, 0);
    if (result < 0 && result != -EINTR && result != -EAGAIN && result != -EBUSY) return result;
  }
}

int uring_submit(struct engine *engine, unsigned count, const uint32_t *slots) {
  struct uring *ring = &engine->uring;
  unsigned tail = *ring->sqTail;
  for (unsigned row = 0; row < count; row++) {
    struct request request = engine_request(engine, row, slots[row]);
    fill(engine, next_sqe(ring, tail), &request, engine->columns.file[row]);
    tail++;
  }
  store_release(ring->sqTail, tail);
  int error = flush(ring);
  return error < 0 ? error : (int)count;
}

/* Completions that lie in the ring, as rows behind `row`. One clock reading serves all that one look finds. */
static unsigned reap(struct engine *engine, unsigned row) {
  struct uring *ring = &engine->uring;
  unsigned head = *ring->cqHead, tail = load_acquire(ring->cqTail);
  if (head == tail) return row;
  double now = now_ns();
  for (; head != tail; head++) {
    const struct io_uring_cqe *cqe = (const struct io_uring_cqe *)ring->cqes + (head & *ring->cqMask);
    if (cqe->user_data != NOBODY) engine_finish(engine, row++, (uint32_t)cqe->user_data, cqe->res, now);
  }
  store_release(ring->cqHead, head);
  return row;
}

int uring_complete(struct engine *engine, unsigned min, double timeoutNs) {
  double deadline = now_ns() + timeoutNs;
  unsigned done = reap(engine, 0);
  /* With deferred task work completions appear only when the kernel is asked, and it runs some twenty of them at a time. Who waits asks
   * again anyway; who does not must ask until nothing comes, because for the rest nobody would wake him. */
  bool more = min == 0 && engine->inFlight > 0;
  while (done < min || more) {
    double left = timeoutNs < 0 ? 0 : deadline - now_ns();
    if (left < 0) left = 0;
    if (!more && timeoutNs >= 0 && left == 0) break;
    struct __kernel_timespec limit = {.tv_sec = (int64_t)(left / 1e9)};
    limit.tv_nsec = (int64_t)(left - (double)limit.tv_sec * 1e9);
    struct io_uring_getevents_arg argument = {.ts = timeoutNs < 0 ? 0 : (uint64_t)(uintptr_t)&limit};
    unsigned wanted = done < min ? min - done : 0;
    int result = enter(&engine->uring, 0, wanted, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &argument, sizeof argument);
    unsigned before = done;
    done = reap(engine, done);
    more = min == 0 && done > before && engine->inFlight > 0;
    if (result < 0 && result != -ETIME && result != -EINTR && result != -EAGAIN && result != -EBUSY) return result;
  }
  return (int)done;
}

/* Older kernels answer EINVAL: then the requests run to their end. */
void uring_cancel(struct engine *engine) {
  struct uring *ring = &engine->uring;
  unsigned tail = *ring->sqTail;
  struct io_uring_sqe *sqe = next_sqe(ring, tail);
  sqe->opcode = IORING_OP_ASYNC_CANCEL;
  sqe->user_data = NOBODY;
  sqe->cancel_flags = IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_ANY;
  store_release(ring->sqTail, tail + 1);
  flush(ring);
}

void uring_destroy(struct engine *engine) {
  struct uring *ring = &engine->uring;
  if (ring->sqes != NULL && ring->sqes != MAP_FAILED) munmap(ring->sqes, ring->sqesBytes);
  if (ring->rings != NULL && ring->rings != MAP_FAILED) munmap(ring->rings, ring->ringsBytes);
  if (ring->fd >= 0) close(ring->fd);
  ring->sqes = NULL;
  ring->rings = NULL;
  ring->fd = -1;
}
