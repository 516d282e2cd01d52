// How long any connection of a credential lives after its revocation, while clients connect again and
// again all the time, on three servers. Fails where one lives for two auth timeouts.
// node tests/bench/revoke_hammer.mjs, with the variables of revoker.mjs.

import { until } from "../e2e/support/waiting.mjs";
import { dial } from "./raw_client.mjs";
import { clusterToRevokeIn } from "./revoker.mjs";
import { row, scope } from "./statistics.mjs";

const kRuns = Number(process.env.RUNS ?? 50);
const kTimeout = 5; // seconds, as init writes it

const t = scope();
const { gate, ports, revoke } = await clusterToRevokeIn(t);

const [lives, lateGrants] = [[], []];
for (let run = 0; run < kRuns; run++) {
  const who = await gate.create(`h-${run}`, "--publish", "--subjects", "a");
  const all = [];
  let going = true;
  const hammer = async (i) => {
    while (going) {
      const connection = await dial(ports[i % 3], who);
      if (!connection.admitted) continue;
      connection.at = Number(process.hrtime.bigint());
      all.push(connection);
      // Half of them stay, half come again at once.
      if (Math.random() < 0.5) connection.socket.destroy();
    }
  };
  const hammers = Array.from({ length: 8 }, (_, i) => hammer(i));
  await until("they are at it", () => all.length > 100);
  const { after: committed } = await revoke(who);
  await until("all are closed", () => all.every(({ end }) => end), kTimeout * 4000);
  await new Promise((resolve) => setTimeout(resolve, 100));
  going = false;
  await Promise.all(hammers);
  await until("all are closed", () => all.every(({ end }) => end), kTimeout * 4000);
  const life = Math.max(...all.map(({ end }) => (end - committed) / 1e6));
  lives.push(life);
  lateGrants.push(all.filter(({ at }) => at > committed).length);
  if (life > kTimeout * 2000) throw new Error(`one lived for ${life} ms`);
}
console.log(`${kRuns} runs; connections that heard of being let in after the commit: ${lateGrants.reduce((a, b) => a + b)}`);
row("the last closed after the commit", lives);
console.log(`the longest of all: ${Math.max(...lives).toFixed(1)} ms`);
await t.end();
process.exit(0);
