// What a decision costs: connections by a raw socket, many at a time and one at a time, the daemon's
// CPU for each, and how long a client waits. node tests/bench/decision.mjs [CONNECTIONS], with the
// variables of tests/e2e/support/programs.mjs: another CREDGATE compares another build.

import fs from "node:fs";
import { Gate } from "../e2e/support/gate.mjs";
import { dial } from "./raw_client.mjs";
import { quantile, scope, timed } from "./statistics.mjs";

const kConnections = Number(process.argv[2] ?? 10_000);
const kAtOnce = 64;
const kTicks = 100; // of a second, as Linux counts

// User and system time of a process, in microseconds.
function cpu(pid) {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
  return ((Number(fields[11]) + Number(fields[12])) / kTicks) * 1e6;
}

const t = scope();
const gate = await Gate.make(t, {});
const who = await gate.create("key", "--publish", "--subjects", "a");
const pid = gate.gateway.pid;

async function connect() {
  const client = await dial(gate.port, who);
  if (!client.admitted) throw new Error("a client was refused");
  client.socket.destroy();
}

async function run(count, atOnce) {
  const times = [];
  let left = count;
  const began = process.hrtime.bigint();
  const before = cpu(pid);
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (left-- > 0) times.push(await timed(connect));
  }));
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const each = (cpu(pid) - before) / count;
  console.log(
    `${String(atOnce).padStart(2)} at a time: ${(count / seconds).toFixed(0)} a second, ` +
      `${each.toFixed(1)} us of CPU each, connect p50 ${quantile(times, 0.5).toFixed(2)} ms, ` +
      `p99 ${quantile(times, 0.99).toFixed(2)} ms`,
  );
}

await run(500, kAtOnce); // warms up
await run(kConnections, kAtOnce);
await run(Math.ceil(kConnections / 10), 1);
await t.end();
process.exit(0);
