// What `key` connections feel of a flood of wrong passwords that keeps the password queue full.
// node tests/bench/flood.mjs, with the variables of tests/e2e/support/programs.mjs.

import { spawn } from "node:child_process";
import { Gate } from "../e2e/support/gate.mjs";
import { until } from "../e2e/support/waiting.mjs";
import { quantile, row, scope, timed } from "./statistics.mjs";

const kRounds = 400;

if (process.argv[2] === "flood") {
  // In a process of its own: 96 connections at a time, each refused after the hash or the lane.
  const net = await import("node:net");
  const [, , , port, login] = process.argv;
  const again = () => {
    const socket = net.connect({ port: Number(port), host: "127.0.0.1" });
    let text = "";
    socket.on("data", (bytes) => {
      text += bytes;
      if (text.startsWith("INFO") && text.endsWith("\r\n") && !socket.asked) {
        socket.asked = true;
        socket.write(`CONNECT ${JSON.stringify({ user: login, pass: `guess ${Math.random()}`, verbose: false })}\r\nPING\r\n`);
      }
    });
    socket.on("error", () => {}).on("close", again);
  };
  for (let i = 0; i < 96; i++) again();
} else {
  const t = scope();
  const gate = await Gate.make(t, { cheapPasswords: false, throttle: { login: 0, source: 0 } });
  const key = await gate.create("key", "--publish", "--subjects", "a");
  await gate.create("member", "--kind", "password", "--publish", "--subjects", "a");
  const decided = (mark) => gate.gateway.log.slice(mark).split("\n").filter((line) => line.includes(`granted id="${key.id}"`))
    .map((line) => Number(/us="(\d+)"/.exec(line)[1]) / 1000);

  const measure = async (what) => {
    const mark = gate.gateway.log.length;
    const times = [];
    for (let i = 0; i < kRounds; i++) times.push(await timed(() => gate.admitted(key)));
    await until("the log is complete", () => decided(mark).length === kRounds);
    row(`${what}: connect, ping, close`, times);
    row(`${what}: the decision itself`, decided(mark));
    return { times, decided: decided(mark) };
  };
  await measure("warming up");
  const before = await measure("quiet");
  const flood = spawn(process.execPath, [process.argv[1], "flood", String(gate.port), "member"]);
  t.after(() => flood.kill());
  const mark = gate.gateway.log.length;
  await until("the lane is full", () => gate.gateway.log.slice(mark).includes('reason="overloaded"'));
  const during = await measure("flooded");
  const refused = (reason) => gate.gateway.log.slice(mark).split(`reason="${reason}"`).length - 1;
  console.log(`refused meanwhile: ${refused("bad_proof")} bad_proof, ${refused("overloaded")} overloaded`);
  for (const [what, field] of [["connect", "times"], ["decision", "decided"]]) {
    const ratio = (q) => (quantile(during[field], q) / quantile(before[field], q)).toFixed(2);
    console.log(`${what}: flooded / quiet  p50 ${ratio(0.5)}  p99 ${ratio(0.99)}`);
  }
  await t.end();
  process.exit(0);
}
