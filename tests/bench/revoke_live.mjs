// How long after a revocation its live connections are closed, and its reconnects refused: on three
// servers, among 3,000 connections of others. The floor is a client that knows them all and asks for
// nothing but KICK. Raw sockets, so that the clients cost little.
// node tests/bench/revoke_live.mjs, with the variables of revoker.mjs; CREDGATE_LONGEST_FILE=600000
// where the machine is slow.

import { until } from "../e2e/support/waiting.mjs";
import { dial, dialMany, now } from "./raw_client.mjs";
import { clusterToRevokeIn } from "./revoker.mjs";
import { quantile, row, scope } from "./statistics.mjs";

const kOthers = Number(process.env.OTHERS ?? 3000);
const kRuns = Number(process.env.RUNS ?? 20);

const t = scope();
const { gate, ports, revoke, kick } = await clusterToRevokeIn(t);
const other = await gate.create("other", "--publish", "--subjects", "a");
const others = await dialMany(kOthers, ports, other);

// One run of each kind: milliseconds from the beginning.
async function round(who, count, { close, comesBack }) {
  const open = await dialMany(count, ports, who);
  const again = [];
  for (const connection of open) {
    if (comesBack) connection.closed = () => again.push(dial(ports[again.length % 3], who));
  }
  const { before, after } = await close(who, open);
  await until("all are closed", () => open.every(({ end }) => end));
  const refused = await Promise.all(again);
  if (refused.some(({ admitted }) => admitted)) throw new Error("one was let in again");
  if (others.some(({ end }) => end)) throw new Error("another's connection was closed");
  const since = (moment) => (moment - before) / 1e6;
  const ends = open.map(({ end }) => since(end));
  return { committed: since(after), first: Math.min(...ends), last: Math.max(...ends), refused: refused.map((one) => since(one.refused)) };
}

const kinds = {
  "KICK alone": { close: async (_, open) => { const before = now(); await kick(open); return { before, after: before }; } },
  "revoked, and none comes back": { close: revoke },
  "revoked, and each comes back at once": { close: revoke, comesBack: true },
};

let name = 0;
for (const count of [1, 300, 1000]) {
  console.log(`${count} connections among ${kOthers} others, on 3 servers`);
  const results = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]));
  for (let run = 0; run < (count === 1 ? kRuns * 10 : kRuns); run++) {
    for (const [kind, how] of Object.entries(kinds)) {
      const who = await gate.create(`r-${name++}`, "--publish", "--subjects", "a");
      results[kind].push(await round(who, count, how));
    }
  }
  const floor = results["KICK alone"].map(({ last }) => last);
  for (const [kind, rounds] of Object.entries(results)) {
    console.log(`  ${kind}`);
    for (const what of ["committed", "first", "last"]) row(`    ${what}`, rounds.map((one) => one[what]));
    if (kinds[kind].close === revoke) row("    last, from the commit", rounds.map((one) => one.last - one.committed));
    const refused = rounds.flatMap((one) => one.refused);
    if (refused.length > 0) row("    each reconnect refused", refused);
    const ratio = (q) => (quantile(rounds.map(({ last }) => last), q) / quantile(floor, q)).toFixed(2);
    console.log(`    the last against KICK alone: p50 x${ratio(0.5)}, p99 x${ratio(0.99)}`);
  }
}
await t.end();
process.exit(0);
