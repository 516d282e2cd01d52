// A process whose clock is wrong.

import assert from "node:assert/strict";
import path from "node:path";
import { run } from "./processes.mjs";

// The environment of a process whose clock is so many seconds ahead; behind where that is negative. Its
// library is made in `dir`.
export async function wrongClock(dir, seconds) {
  const file = path.join(dir, "clock.so");
  const source = `#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
static long ahead(void) { const char* text = getenv("CLOCK_AHEAD"); return text ? atol(text) : 0; }
int clock_gettime(clockid_t clock, struct timespec* out) {
  int code = (int)syscall(SYS_clock_gettime, clock, out);
  if (clock == CLOCK_REALTIME) out->tv_sec += ahead();
  return code;
}
// Until a moment of that clock; those of the other, which begins at the boot, are before 2001.
int pthread_cond_timedwait(pthread_cond_t* cond, pthread_mutex_t* mutex, const struct timespec* until) {
  static int (*wait)(pthread_cond_t*, pthread_mutex_t*, const struct timespec*);
  if (!wait) wait = (int (*)(pthread_cond_t*, pthread_mutex_t*, const struct timespec*))dlsym(RTLD_NEXT, "pthread_cond_timedwait");
  struct timespec moment = *until;
  if (moment.tv_sec > 1000000000) moment.tv_sec -= ahead();
  return wait(cond, mutex, &moment);
}
time_t time(time_t* out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}
`;
  const made = await run("cc", ["-shared", "-fPIC", "-o", file, "-x", "c", "-"], { input: source });
  assert.equal(made.code, 0, made.stderr);
  return { LD_PRELOAD: file, CLOCK_AHEAD: String(seconds) };
}
