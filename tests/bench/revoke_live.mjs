// How long after a revocation its live connections are closed, and its reconnects refused: on three
// servers, among 3,000 connections of others. Raw sockets, so that the clients cost little.
// node tests/bench/revoke_live.mjs, with the variables of tests/e2e/harness.mjs and
// CREDGATE_REVOKE_AT=build/release/tests/revoke_at.

import { spawn } from "node:child_process";
import readline from "node:readline";
import { cluster, Gate, heard, until } from "../e2e/harness.mjs";
import { dial, dialMany } from "./raw_client.mjs";
import { row, scope } from "./statistics.mjs";

const kOthers = Number(process.env.OTHERS ?? 3000);
const kRuns = Number(process.env.RUNS ?? 20);

const t = scope();
const gate = await Gate.make(t, { start: false });
const servers = await cluster(gate);
const ports = servers.map(({ url }) => Number(new URL(url.replace("nats:", "http:")).port));
gate.editConfig((config) => config.replace(/"url": "[^"]*"/, `"url": ${JSON.stringify(servers.map(({ url }) => url))}`));
await gate.startGateway();
await gate.gateway.line(/event=system_connected/);
await heard(servers);
const other = await gate.create("other", "--publish", "--subjects", "a");
const others = await dialMany(kOthers, ports, other);
const revoker = spawn(process.env.CREDGATE_REVOKE_AT, [gate.config], { stdio: ["pipe", "pipe", "inherit"] });
const times = readline.createInterface({ input: revoker.stdout })[Symbol.asyncIterator]();

for (const count of [1, 300, 1000]) {
  const [last, first, commits, refusals] = [[], [], [], []];
  for (let run = 0; run < (count === 1 ? kRuns * 10 : kRuns); run++) {
    const who = await gate.create(`r-${count}-${run}`, "--publish", "--subjects", "a");
    const open = await dialMany(count, ports, who);
    const again = [];
    for (const connection of open) {
      if (!process.env.STAY_AWAY) connection.closed = () => again.push(dial(ports[again.length % 3], who));
    }
    revoker.stdin.write(`${who.id}\n`);
    const [before, after] = (await times.next()).value.split(" ").map(Number);
    await until("all are closed", () => open.every(({ end }) => end));
    const refused = await Promise.all(again);
    if (refused.some(({ admitted }) => admitted)) throw new Error("one was let in again");
    const ends = open.map(({ end }) => (end - before) / 1e6);
    last.push(Math.max(...ends));
    first.push(Math.min(...ends));
    commits.push((after - before) / 1e6);
    refusals.push(...refused.map((one) => (one.refused - before) / 1e6));
    if (others.some(({ end }) => end)) throw new Error("another's connection was closed");
  }
  console.log(`${count} connections among ${kOthers} others, on 3 servers, from the beginning of the transaction`);
  row("  committed", commits);
  row("  the first closed", first);
  row("  the last closed", last);
  if (refusals.length > 0) row("  each reconnect refused", refusals);
}
revoker.stdin.end();
await t.end();
process.exit(0);
