// From the commit of a revocation to the first signed request that is refused: at a proxy that has the
// verdict of that very request, and where credgate is asked each time; and to the event.
// node tests/bench/sigv4_revoke.mjs, with the variables of the end-to-end tests and CREDGATE_REVOKE_AT.

import { until } from "../e2e/support/waiting.mjs";
import { listQueues, proxyWorld } from "../e2e/support/proxy_world.mjs";
import { question, sign } from "../e2e/support/sigv4_signer.mjs";
import { now } from "./raw_client.mjs";
import { revokerOf } from "./revoker.mjs";
import { row, scope } from "./statistics.mjs";

const kRuns = Number(process.env.RUNS ?? 50);

const t = scope();
const here = await proxyWorld(t);
const revoke = revokerOf(t, here.gate);
const { connection } = here.proxy.verifier;

let event;
connection.subscribe("credgate.v1.events.credential.revoke", { callback: (_, message) => (event = { at: now(), id: message.json().id }) });

// When it is refused, at last.
async function refused(ask) {
  while (await ask()) continue;
  return now();
}

const rows = { "a verdict that was kept": [], "asked each time": [], event: [] };
for (let run = 0; run < kRuns; run++) {
  const who = await here.owner(`r-${run}`);
  const date = new Date();
  const kept = async () => (await listQueues(here, who, { date })).status === 200;
  const request = { host: "x", accessKey: who.id, secret: who.secret, region: here.region, body: "" };
  const asked = JSON.stringify(question(request, sign(request)));
  const direct = async () => (await connection.request("credgate.v1.sigv4.verify", asked, { timeout: 5000 })).json().allow;
  if (!(await kept()) || !(await direct())) throw new Error("it was refused before");
  const ends = Promise.all([refused(kept), refused(direct)]);
  const { after: committed } = await revoke(who);
  const [keptEnd, directEnd] = await ends;
  await until("its event", () => event?.id === who.id);
  const since = (moment) => (moment - committed) / 1e6;
  rows["a verdict that was kept"].push(since(keptEnd));
  rows["asked each time"].push(since(directEnd));
  rows.event.push(since(event.at));
}
for (const [what, milliseconds] of Object.entries(rows)) row(`from the commit: ${what}`, milliseconds);
await t.end();
process.exit(0);
