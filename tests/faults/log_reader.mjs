// node tests/faults/log_reader.mjs [SECONDS [CONNECTS_PER_SECOND [pipe|socket]]]
//
// The reader of the daemon's log is stopped for so long (5 s) while clients connect (100 a second), then
// goes on. The log is a pipe, or a stream socket as journald's /run/systemd/journal/stdout is. Exit code 1 where a login failed, or where a line was neither written nor told as lost.
// CREDGATE and CREDGATE_NATS_SERVER name the programs, as for the end-to-end tests.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

const [seconds = 5, rate = 100] = process.argv.slice(2, 4).map(Number);
const kind = process.argv[4] ?? "pipe";
process.env.CREDGATE_LONGEST_FILE ??= String((seconds + 180) * 1000);
const { Gate } = await import("../e2e/support/gate.mjs");
const { run } = await import("../e2e/support/processes.mjs");
const { rawConnect } = await import("../e2e/support/raw_connect.mjs");
const { until } = await import("../e2e/support/waiting.mjs");

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// Of a daemon whose standard error is a pipe: reads what is there.
async function startWithPipe(t, gate) {
  const log = path.join(gate.dir, "log");
  assert.equal((await run("mkfifo", [log])).code, 0);
  const reader = fs.openSync(log, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
  t.after(() => fs.closeSync(reader));
  const writer = fs.openSync(log, fs.constants.O_WRONLY);
  gate.spawnGateway({ stdio: ["ignore", "ignore", writer] });
  fs.closeSync(writer);
  const buffer = Buffer.alloc(1 << 20);
  return () => {
    let text = "";
    try {
      for (;;) text += buffer.toString("utf8", 0, fs.readSync(reader, buffer));
    } catch (error) {
      assert.equal(error.code, "EAGAIN");
    }
    return text;
  };
}

// ... a stream socket, which is what Node.js makes for a child's standard error. Nobody reads it until this is
// called, but for what Node.js does ahead.
function startWithSocket(gate) {
  const { child } = gate.spawnGateway();
  assert.match(fs.readlinkSync(`/proc/${child.pid}/fd/2`), /^socket:/);
  child.stderr.pause();
  let taken = 0;
  return () => {
    child.stderr.resume();
    const text = gate.gateway.log.slice(taken);
    taken += text.length;
    return text;
  };
}

test(`the log's reader is stopped for ${seconds} s under ${rate} connects a second`, { timeout: (seconds + 120) * 1000 }, async (t) => {
  const gate = await Gate.make(t, { start: false });
  await gate.startServer();
  const readLog = kind === "socket" ? startWithSocket(gate) : await startWithPipe(t, gate);
  const counts = { written: 0, lost: 0 };
  let rest = "";
  const read = () => {
    rest += readLog();
    const lines = rest.split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (line.includes("event=granted")) counts.written++;
      counts.lost += Number(/event=log_lost lines="(\d+)" of="granted"/.exec(line)?.[1] ?? 0);
    }
  };
  const shop = await gate.create("shop", "--publish", "--subjects", "orders.>");
  const login = async () => {
    const began = performance.now();
    const lines = await rawConnect(gate, { user: shop.id, pass: shop.secret }).catch((error) => [error.message]);
    return { good: lines.includes("PONG"), took: performance.now() - began };
  };
  await until("it answers", async () => (await login()).good);

  const began = performance.now();
  const attempts = [];
  while (performance.now() - began < seconds * 1000) {
    const due = Math.floor(((performance.now() - began) / 1000) * rate);
    while (attempts.length < due) attempts.push(login());
    await pause(5);
  }
  const done = await Promise.all(attempts);
  const failed = done.filter(({ good }) => !good).length;
  const times = done.map(({ took }) => took).sort((a, b) => a - b);
  const grants = done.length - failed + 1;
  const memory = /VmHWM:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${gate.gateway.pid}/status`, "utf8"))[1];
  await until("every line was written or told", () => {
    read();
    return counts.written + counts.lost >= grants;
  });
  console.log(`logins                   ${done.length}`);
  console.log(`logins failed            ${failed}`);
  console.log(`login time, p50 and p99  ${times[times.length >> 1].toFixed(1)} ms, ${times[Math.floor(times.length * 0.99)].toFixed(1)} ms`);
  console.log(`lines written            ${counts.written}`);
  console.log(`lines lost, and told     ${counts.lost}`);
  console.log(`peak memory              ${Math.round(memory / 1024)} MiB`);
  assert.equal(failed, 0);
  assert.equal(counts.written + counts.lost, grants);
});
