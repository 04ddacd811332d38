#define _GNU_SOURCE
#include "loop.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Below this, waiting in the kernel would overshoot the next arrival: look again instead. */
#define SPIN_NS 60e3

struct state {
  const struct load *load;
  struct outcome *outcome;
  struct engine engine;
  uint64_t random;
  /* By place in the arena: when its request was due, and whether it writes. */
  double *dueNs;
  bool *writes;
  int32_t *freePlaces;
  unsigned freeCount;
  double beginNs, middleNs, endNs;
};

unsigned bucket_of(uint64_t ns) {
  unsigned top = ns == 0 ? 0 : 63 - (unsigned)__builtin_clzll(ns);
  if (top <= 6) return (unsigned)ns;
  unsigned shift = top - 6;
  unsigned index = ((shift + 1) << 6) + (unsigned)((ns >> shift) & 63);
  return index < BUCKETS ? index : BUCKETS - 1;
}

/* splitmix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014. */
static uint64_t draw(struct state *s) {
  uint64_t z = (s->random += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static double draw_unit(struct state *s) {
  return (double)(draw(s) >> 11) * 0x1p-53;
}

static void put(struct state *s, unsigned row, double dueNs) {
  const struct load *load = s->load;
  struct columns *c = &s->engine.columns;
  int32_t place = s->freePlaces[--s->freeCount];
  bool write = load->readShare < 1 && draw_unit(s) >= load->readShare;
  uint64_t block = (uint64_t)(((unsigned __int128)draw(s) * (uint64_t)load->blocks) >> 64);
  c->op[row] = load->nop != 0 ? OP_NOP : write ? OP_WRITE : OP_READ;
  c->file[row] = 0;
  c->length[row] = (int32_t)load->size;
  c->offset[row] = load->start + (double)block * load->size;
  c->buffer[row] = (double)place * load->size;
  c->tag[row] = place;
  s->dueNs[place] = dueNs;
  s->writes[place] = write;
}

static void take(struct state *s, unsigned row) {
  struct outcome *o = s->outcome;
  const struct columns *c = &s->engine.columns;
  int32_t place = c->doneTag[row], result = c->result[row];
  s->freePlaces[s->freeCount++] = place;
  double now = c->completedNs[row];
  bool ok = s->load->nop != 0 || result == (int32_t)s->load->size;
  if (!ok) {
    if (result < 0) {
      if (o->failed++ == 0) o->firstFailure = -result;
    } else o->shortCount++;
  }
  if (now < s->beginNs || now >= s->endNs || !ok) return;
  double latency = now - s->dueNs[place];
  o->requests++;
  o->bytes += s->load->size;
  if (now < s->middleNs) o->firstHalf++;
  else o->secondHalf++;
  (s->writes[place] ? o->writes : o->reads)[bucket_of((uint64_t)latency)]++;
  if (s->writes[place]) o->writeSumNs += latency;
  else o->readSumNs += latency;
}

static double cpu_ns(bool pool) {
  struct rusage use;
  getrusage(pool ? RUSAGE_SELF : RUSAGE_THREAD, &use); /* a pool works in threads of its own */
  return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1e9 + (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) * 1e3;
}

/* Requests that are due now, as rows; `nextNs` becomes when the next one is due (a closed loop: never). */
static unsigned due(struct state *s, double now, double *nextNs) {
  unsigned rows = 0;
  if (s->load->perSecond == 0) {
    while (s->freeCount > 0) put(s, rows++, now);
    return rows;
  }
  for (; *nextNs <= now && s->freeCount > 0; rows++) {
    put(s, rows, *nextNs);
    *nextNs += -log(1 - draw_unit(s)) * 1e9 / s->load->perSecond;
  }
  if (*nextNs <= now) s->outcome->delayed++;
  return rows;
}

static int drive(struct state *s) {
  const struct load *load = s->load;
  double start = now_ns(), next = start, cpu = 0;
  s->beginNs = start + load->warmNs;
  s->endNs = s->beginNs + load->measureNs;
  s->middleNs = (s->beginNs + s->endNs) / 2;
  bool measuring = false;
  for (double now = start; now < s->endNs; now = now_ns()) {
    if (!measuring && now >= s->beginNs) {
      measuring = true;
      cpu = cpu_ns(load->kind == KIND_POOL);
    }
    unsigned rows = due(s, now, &next);
    int error = rows > 0 ? engine_submit(&s->engine, rows) : 0;
    if (error < 0) return error;
    bool full = s->freeCount == 0;
    double wait = load->perSecond == 0 || full ? 1e9 : next - now_ns();
    bool idle = s->engine.inFlight == 0;
    int done = engine_complete(&s->engine, wait > SPIN_NS && !idle ? 1 : 0, wait > 0 ? wait : 0);
    if (done < 0) return done;
    for (int row = 0; row < done; row++) take(s, (unsigned)row);
    if (s->outcome->failed > 1000) break; /* a device that only fails says so at once */
  }
  s->outcome->elapsedNs = load->measureNs;
  s->outcome->cpuNs = measuring ? cpu_ns(load->kind == KIND_POOL) - cpu : 0;
  return 0;
}

static int prepare(struct state *s) {
  const struct load *load = s->load;
  unsigned depth = (unsigned)load->depth;
  if (load->core >= 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((int)load->core, &set);
    sched_setaffinity(0, sizeof set, &set);
  }
  s->dueNs = calloc(depth, sizeof *s->dueNs);
  s->writes = calloc(depth, sizeof *s->writes);
  s->freePlaces = calloc(depth, sizeof *s->freePlaces);
  if (s->dueNs == NULL || s->writes == NULL || s->freePlaces == NULL) return -ENOMEM;
  for (unsigned i = 0; i < depth; i++) s->freePlaces[s->freeCount++] = (int32_t)i;
  size_t arena = load->nop != 0 ? 0 : (size_t)load->size * depth;
  int error = engine_create(&s->engine, (int)load->kind, depth, arena, (unsigned)load->threads, load->hugePages != 0);
  if (error < 0) return error;
  int32_t fd = (int32_t)load->fd;
  if (load->readShare < 1)
    for (size_t i = 0; i + 8 <= s->engine.arenaBytes; i += 8) *(uint64_t *)(s->engine.arena + i) = draw(s); /* not compressible */
  return load->nop != 0 ? 0 : engine_files(&s->engine, &fd, 1);
}

/* Runs in a thread of libuv's pool, which is given back as it was. */
void run_load(const struct load *load, struct outcome *outcome) {
  cpu_set_t before;
  sched_getaffinity(0, sizeof before, &before);
  memset(outcome, 0, sizeof *outcome);
  struct state *s = calloc(1, sizeof *s);
  int error = s == NULL ? -ENOMEM : 0;
  if (error == 0) {
    s->load = load;
    s->outcome = outcome;
    s->random = (uint64_t)load->seed;
    error = prepare(s);
    outcome->step = s->engine.step;
    if (error == 0) {
      outcome->flags = s->engine.uring.flags;
      outcome->fixedBuffers = s->engine.fixedBuffers;
      outcome->hugePages = s->engine.hugePages;
      error = drive(s);
    }
    engine_close(&s->engine);
    engine_free_memory(&s->engine);
    free(s->dueNs);
    free(s->writes);
    free(s->freePlaces);
    free(s);
  }
  outcome->errorNumber = -error;
  sched_setaffinity(0, sizeof before, &before);
}
