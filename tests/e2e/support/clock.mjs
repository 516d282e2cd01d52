// Processes whose clock is wrong, or jumps.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { run } from "./processes.mjs";

const kSource = `#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
static const volatile long* ahead;
__attribute__((constructor)) static void begin(void) {
  int fd = open(getenv("CLOCK_AHEAD"), O_RDONLY | O_CLOEXEC);
  ahead = mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, fd, 0);
  if (ahead == MAP_FAILED) abort();
  close(fd);
}
int clock_gettime(clockid_t clock, struct timespec* out) {
  int code = (int)syscall(SYS_clock_gettime, clock, out);
  if (clock == CLOCK_REALTIME && ahead) out->tv_sec += *ahead;
  return code;
}
static int before(const struct timespec* a, const struct timespec* b) {
  return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}
// Until a moment of that clock, as the kernel would, also where it jumps meanwhile: it is asked again every
// 20 ms. Moments of the other clock, which begins at the boot, are before 2001.
int pthread_cond_timedwait(pthread_cond_t* cond, pthread_mutex_t* mutex, const struct timespec* until) {
  static int (*wait)(pthread_cond_t*, pthread_mutex_t*, const struct timespec*);
  if (!wait) wait = (int (*)(pthread_cond_t*, pthread_mutex_t*, const struct timespec*))dlsym(RTLD_NEXT, "pthread_cond_timedwait");
  if (until->tv_sec < 1000000000) return wait(cond, mutex, until);
  for (;;) {
    struct timespec now, moment;
    clock_gettime(CLOCK_REALTIME, &now);
    if (!before(&now, until)) return ETIMEDOUT;
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &moment);
    moment.tv_nsec += 20000000;
    if (moment.tv_nsec >= 1000000000) moment.tv_sec++, moment.tv_nsec -= 1000000000;
    struct timespec due = *until;
    due.tv_sec -= *ahead;
    int code = wait(cond, mutex, before(&due, &moment) ? &due : &moment);
    if (code != ETIMEDOUT) return code;
  }
}
time_t time(time_t* out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}
`;

// { env, set }: the environment of processes whose clock is so many seconds ahead, and what changes that
// while they run. Behind where it is negative. The library is made in `dir`.
export async function movableClock(dir, seconds = 0) {
  const library = path.join(dir, "clock.so");
  const made = await run("cc", ["-shared", "-fPIC", "-o", library, "-x", "c", "-"], { input: kSource });
  assert.equal(made.code, 0, made.stderr);
  const file = path.join(dir, "clock-ahead");
  fs.writeFileSync(file, Buffer.alloc(8), { mode: 0o644 });
  const set = (ahead) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(ahead));
    const fd = fs.openSync(file, "r+");
    fs.writeSync(fd, bytes, 0, 8, 0);
    fs.closeSync(fd);
  };
  set(seconds);
  return { env: { LD_PRELOAD: library, CLOCK_AHEAD: file }, set };
}

// The environment of a process whose clock stays wrong.
export async function wrongClock(dir, seconds) {
  return (await movableClock(dir, seconds)).env;
}
