// Kills commands and daemons, by SIGKILL at any moment, and commands at the one moment that is hardest
// to hit: after LMDB has written a commit into the file, and before it tells the readers. Counts the
// acknowledged changes that are lost, and those that were not acknowledged, were then seen not to be
// there, and appeared later. There must be none of either.
//
// usage: node tests/faults/kills.mjs [N]      N kills in all, 60 unless it is given

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { Gate } from "../e2e/support/gate.mjs";
import { processes } from "../e2e/support/lifetime.mjs";
import { run } from "../e2e/support/processes.mjs";
import { credgate } from "../e2e/support/programs.mjs";

const kTraffic = ["--publish", "--subjects", "orders.>"];
const kNotFound = 3;
const kKills = Number(process.argv[2] ?? 60);

// A library for LD_PRELOAD, under which the first commit of a process is its end.
async function endAtMeta(gate) {
  const file = path.join(gate.dir, "end_at_meta.so");
  const source = `#define _GNU_SOURCE
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  ssize_t written = syscall(SYS_pwrite64, fd, bytes, size, at);
  if (at < 2 * 4096) kill(getpid(), SIGKILL);
  return written;
}
`;
  const made = await run("cc", ["-shared", "-fPIC", "-o", file, "-x", "c", "-"], { input: source });
  assert.equal(made.code, 0, made.stderr);
  return file;
}

// Ends with its code, or null where it was killed.
async function killed(gate, args, { after, env }) {
  const child = spawn(credgate, [...args, "--config", gate.config], { stdio: "ignore", env: { ...process.env, ...env } });
  processes.add(child);
  const timer = after === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), after);
  const code = await new Promise((resolve) => child.once("close", resolve));
  clearTimeout(timer);
  processes.delete(child);
  return code;
}

async function isThere(gate, name) {
  const { code, stderr } = await gate.command("show", name, "--json");
  assert.ok(code === 0 || code === kNotFound, stderr);
  return code === 0;
}

// What a command takes that nobody kills, in milliseconds.
async function usualTime(gate) {
  const began = performance.now();
  await gate.do("create", "measured", ...kTraffic);
  return performance.now() - began;
}

async function killCommands(gate, count, library, seen) {
  const time = await usualTime(gate);
  for (let i = 0; i < count; i++) {
    const name = `made-${seen.length}`;
    const atMeta = i % 2 === 0;
    const code = await killed(gate, ["create", name, ...kTraffic], atMeta ? { env: { LD_PRELOAD: library } } : { after: Math.random() * time * 1.2 });
    seen.push({ name, how: atMeta ? "at the meta page" : "at any moment", acknowledged: code === 0, killed: code === null, there: await isThere(gate, name) });
    // What has nothing to do with it must not bring it out.
    if (i % 3 === 0) await gate.do("create", `other-${seen.length}`, ...kTraffic);
  }
}

// While commands come one after the other.
async function killDaemons(gate, count, seen) {
  for (let i = 0; i < count; i++) {
    const ends = new Promise((resolve) => setTimeout(resolve, Math.random() * 100)).then(() => gate.gateway.stop("SIGKILL"));
    const name = `made-${seen.length}`;
    const { code } = await gate.command("create", name, ...kTraffic);
    await ends;
    seen.push({ name, how: "daemon", acknowledged: code === 0, killed: true, there: await isThere(gate, name) });
    await gate.startGateway();
  }
}

const after = [];
const gate = await Gate.make({ after: (end) => after.push(end) });
try {
  const library = await endAtMeta(gate);
  const seen = [];
  const began = performance.now();
  const daemons = Math.ceil(kKills / 10);
  await killCommands(gate, kKills - daemons, library, seen);
  await killDaemons(gate, daemons, seen);
  await gate.do("create", "last", ...kTraffic);
  for (const one of seen) one.later = await isThere(gate, one.name);

  const of = (wanted) => seen.filter(wanted);
  const lost = of((one) => one.acknowledged && !one.later);
  const appeared = of((one) => !one.there && one.later);
  for (const how of ["at the meta page", "at any moment", "daemon"]) {
    const these = of((one) => one.how === how);
    console.log(`${how}: ${these.filter((one) => one.killed).length} killed; ${these.filter((one) => one.acknowledged).length} changes acknowledged, ` +
      `${these.filter((one) => !one.acknowledged && one.there).length} not acknowledged and made, ${these.filter((one) => !one.there).length} not made`);
  }
  console.log(`acknowledged and lost: ${lost.length}; seen not to be there, and there later: ${appeared.length}; ${Math.round((performance.now() - began) / 1000)} s`);
  for (const args of [["check", "--deep"], ["history", "--verify"]]) await gate.do(...args);
  assert.ok(of((one) => one.how === "at the meta page" && one.killed).length > 0, "none was killed at the meta page");
  assert.deepEqual([...lost, ...appeared], []);
} finally {
  for (const end of after.reverse()) await end();
}
