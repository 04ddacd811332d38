/* The fallback where io_uring is forbidden or too old: threads that call pread, pwrite and fdatasync, behind the same columns. */
#define _GNU_SOURCE
#include "engine.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static int32_t perform(const struct request *request) {
  ssize_t result = 0;
  do {
    if (request->op == OP_READ) result = pread(request->fd, request->buffer, request->length, (off_t)request->offset);
    else if (request->op == OP_WRITE) result = pwrite(request->fd, request->buffer, request->length, (off_t)request->offset);
    else if (request->op == OP_SYNC) result = fdatasync(request->fd);
  } while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : (int32_t)result;
}

static void *serve(void *argument) {
  struct engine *engine = argument;
  struct pool *pool = &engine->pool;
  pthread_mutex_lock(&pool->lock);
  for (;;) {
    while (pool->queueHead == pool->queueTail && !pool->stopping) pthread_cond_wait(&pool->work, &pool->lock);
    if (pool->queueHead == pool->queueTail) break;
    struct request request = pool->queue[pool->queueHead++ % engine->depth];
    pthread_mutex_unlock(&pool->lock);
    int32_t result = perform(&request);
    pthread_mutex_lock(&pool->lock);
    unsigned at = pool->finishedTail++ % engine->depth;
    pool->finished[at].slot = request.slot;
    pool->finished[at].result = result;
    pthread_cond_signal(&pool->done);
    int listener = __atomic_load_n(&engine->eventFd, __ATOMIC_ACQUIRE);
    if (listener >= 0) eventfd_write(listener, 1);
  }
  pthread_mutex_unlock(&pool->lock);
  return NULL;
}

int pool_create(struct engine *engine, unsigned threads) {
  struct pool *pool = &engine->pool;
  engine->step = STEP_THREADS;
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_mutex_init(&pool->lock, NULL);
  pthread_cond_init(&pool->work, NULL);
  pthread_cond_init(&pool->done, &monotonic);
  pthread_condattr_destroy(&monotonic);
  pool->queue = calloc(engine->depth, sizeof *pool->queue);
  pool->finished = calloc(engine->depth, sizeof *pool->finished);
  if (threads == 0 || threads > engine->depth) threads = engine->depth;
  pool->threads = calloc(threads, sizeof *pool->threads);
  if (pool->queue == NULL || pool->finished == NULL || pool->threads == NULL) return -ENOMEM;
  for (; pool->threadCount < threads; pool->threadCount++) {
    int error = pthread_create(&pool->threads[pool->threadCount], NULL, serve, engine);
    if (error != 0) return pool->threadCount > 0 ? 0 : -error; /* a few threads are a pool too */
  }
  return 0;
}

int pool_submit(struct engine *engine, unsigned count, const uint32_t *slots) {
  struct pool *pool = &engine->pool;
  pthread_mutex_lock(&pool->lock);
  for (unsigned row = 0; row < count; row++) pool->queue[pool->queueTail++ % engine->depth] = engine_request(engine, row, slots[row]);
  if (count == 1) pthread_cond_signal(&pool->work);
  else pthread_cond_broadcast(&pool->work);
  pthread_mutex_unlock(&pool->lock);
  return (int)count;
}

int pool_complete(struct engine *engine, unsigned min, double timeoutNs) {
  struct pool *pool = &engine->pool;
  double deadline = now_ns() + timeoutNs;
  struct timespec until = {.tv_sec = (time_t)(deadline / 1e9)};
  until.tv_nsec = (long)(deadline - (double)until.tv_sec * 1e9);
  pthread_mutex_lock(&pool->lock);
  while (pool->finishedTail - pool->finishedHead < min) {
    if (timeoutNs < 0) pthread_cond_wait(&pool->done, &pool->lock);
    else if (pthread_cond_timedwait(&pool->done, &pool->lock, &until) == ETIMEDOUT) break;
  }
  unsigned row = 0;
  double now = now_ns();
  for (; pool->finishedHead != pool->finishedTail; pool->finishedHead++, row++) {
    unsigned at = pool->finishedHead % engine->depth;
    engine_finish(engine, row, pool->finished[at].slot, pool->finished[at].result, now);
  }
  pthread_mutex_unlock(&pool->lock);
  return (int)row;
}

/* What no thread has begun ends as cancelled. */
void pool_cancel(struct engine *engine) {
  struct pool *pool = &engine->pool;
  pthread_mutex_lock(&pool->lock);
  for (; pool->queueHead != pool->queueTail; pool->queueHead++) {
    unsigned at = pool->finishedTail++ % engine->depth;
    pool->finished[at].slot = pool->queue[pool->queueHead % engine->depth].slot;
    pool->finished[at].result = -ECANCELED;
  }
  pthread_mutex_unlock(&pool->lock);
}

void pool_destroy(struct engine *engine) {
  struct pool *pool = &engine->pool;
  if (pool->threads != NULL) {
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->threadCount; i++) pthread_join(pool->threads[i], NULL);
    pthread_mutex_destroy(&pool->lock);
    pthread_cond_destroy(&pool->work);
    pthread_cond_destroy(&pool->done);
  }
  free(pool->queue);
  free(pool->finished);
  free(pool->threads);
  pool->queue = NULL;
  pool->finished = NULL;
  pool->threads = NULL;
  pool->threadCount = 0;
}
