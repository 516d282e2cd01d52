// Verifications a second over a real nats-server, and the daemon's CPU for each, against the HMACs of
// one, measured in the same run. node tests/bench/sigv4.mjs, with the variables of the end-to-end
// tests and CREDGATE_SIGV4_BENCH, the program.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { Gate } from "../e2e/support/gate.mjs";
import { question, sign } from "../e2e/support/sigv4_signer.mjs";
import { quantile, scope } from "./statistics.mjs";

const kSeconds = Number(process.env.SECONDS ?? 5);
const kInFlight = [1, 64];
const kTicks = 100; // of /proc's clock, in a second

const t = scope();
const gate = await Gate.make(t, { admins: true });
const shop = await gate.create("shop", "--publish", "--subjects", "orders.>", "--sigv4");
const proxy = await gate.create("proxy", "--account", "ADMIN", "--allow-pub", "credgate.v1.sigv4.verify");
const connection = await gate.connect(t, proxy);

function question_() {
  const request = { host: "sqs.example.com", accessKey: shop.id, secret: shop.secret, body: "Action=ListQueues" };
  return JSON.stringify(question(request, sign({ ...request, headers: [["Content-Type", "application/x-www-form-urlencoded"]] })));
}

// User and system time, in seconds.
function cpu() {
  const fields = fs.readFileSync(`/proc/${gate.gateway.pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / kTicks;
}

async function ask(asked, until, taken) {
  while (performance.now() < until) {
    const began = performance.now();
    const answer = (await connection.request("credgate.v1.sigv4.verify", asked, { timeout: 5000 })).json();
    if (!answer.allow) throw new Error(JSON.stringify(answer));
    taken.push(performance.now() - began);
  }
}

for (const inFlight of kInFlight) {
  const floors = [];
  const floor = () => floors.push(Number(execFileSync(process.env.CREDGATE_SIGV4_BENCH, ["floor"], { encoding: "utf8" })) / 1e3);
  floor();
  const taken = [];
  const asked = question_();
  const before = cpu();
  const until = performance.now() + kSeconds * 1000;
  await Promise.all(Array.from({ length: inFlight }, () => ask(asked, until, taken)));
  const each = ((cpu() - before) / taken.length) * 1e6;
  floor();
  const hmacs = Math.min(...floors);
  console.log(
    `${String(inFlight).padStart(3)} in flight: ${Math.round(taken.length / kSeconds)} a second, p50 ${quantile(taken, 0.5).toFixed(2)}, ` +
      `p99 ${quantile(taken, 0.99).toFixed(2)} ms; daemon's CPU ${each.toFixed(1)} us each, ${(each / hmacs).toFixed(1)} x five HMACs (${hmacs.toFixed(2)} us)`,
  );
}
await t.end();
process.exit(0);
