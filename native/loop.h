/* A whole load in C: what a benchmark measures holds no JavaScript. */
#ifndef TIERSCAPE_LOOP_H
#define TIERSCAPE_LOOP_H

#include "engine.h"

/* fio's latency buckets (stat.h): exact below 64 ns, then 64 buckets an octave, 29 groups. */
#define BUCKETS 1856

/* Every field is a double, so that JavaScript sees both as a Float64Array (src/runtime/measure.ts has the same order). */
struct load {
  double kind, fd, depth, threads;
  /* Bytes of a request, and where requests may fall: `blocks` places of that size from `start` on. */
  double size, start, blocks;
  /* Share of reads in [0, 1]; 1: nothing is written. */
  double readShare;
  double warmNs, measureNs;
  /* Requests a second with exponential gaps; 0: a closed loop that keeps `depth` in flight. */
  double perSecond;
  double seed;
  /* The core to run on; -1: any. */
  double core;
  /* 1: NOP requests that touch no device, for the price of the path itself. */
  double nop;
  double hugePages;
};

struct outcome {
  double errorNumber, step, flags, fixedBuffers, hugePages;
  double elapsedNs, cpuNs, requests, bytes;
  /* Requests of each half of the measured time: far apart, and the load was not steady. */
  double firstHalf, secondHalf;
  double failed, firstFailure, shortCount;
  double readSumNs, writeSumNs;
  /* The open loop's arrivals that found every place taken, and waited. */
  double delayed;
  double reads[BUCKETS], writes[BUCKETS];
};

unsigned bucket_of(uint64_t ns);
void run_load(const struct load *load, struct outcome *outcome);

#endif
