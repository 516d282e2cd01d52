// What is answered in time when 1, 2, 4 and 8 times as many ask as can be decided, what that takes, and
// how soon a revocation is stored in the middle of the last. Figures and ratios alone.
//   node tests/faults/overload.mjs [--plain] [--gateways N] [--sources N] [--seconds N] [--times 1,2,4,8]
// with the variables of tests/e2e/support/programs.mjs; CREDGATE_LOAD names callout_load.

import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { parseArgs } from "node:util";
import { root } from "../e2e/support/programs.mjs";
import { kPlayer, makeServerPart } from "../e2e/support/server_part.mjs";
import { scope, timed } from "../bench/statistics.mjs";

const { values: options } = parseArgs({
  options: {
    plain: { type: "boolean", default: false },
    gateways: { type: "string", default: "1" },
    sources: { type: "string", default: "50" },
    seconds: { type: "string", default: "15" },
    times: { type: "string", default: "1,2,4,8" },
  },
});
const kLoad = process.env.CREDGATE_LOAD ?? path.join(root, "build/release/tests/callout_load");
const times = options.times.split(",");

// Peak resident memory of a process since it was last asked, in MiB.
function memory(pid) {
  const kilobytes = /VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))[1];
  fs.writeFileSync(`/proc/${pid}/clear_refs`, "5");
  return Number(kilobytes) / 1024;
}

const t = scope();
const gate = await makeServerPart(t, { xkey: !options.plain });
await gate.startServer();
const gateways = [];
for (let i = 0; i < Number(options.gateways); i++) gateways.push(await gate.startGateway());
const who = await gate.create("shop", "--publish", "--subjects", "orders.>");
const revoked = await gate.create("revoked", "--publish", "--subjects", "orders.>");
const drops = async () => (await gate.do("status", "--json")).json.reduce((sum, { decisions }) => sum + (decisions.overload_drops ?? 0), 0);

const load = spawn(kLoad, [gate.url, kPlayer.user, kPlayer.pass, gate.init.issuer, options.plain ? "" : gate.init.xkey, who.id, who.secret, options.seconds, options.sources, ...times], { stdio: ["ignore", "pipe", "inherit"] });
t.after(() => load.kill());
let before = await drops();
let revocation;
console.log("times  offered/s  in time/s  of peak  too late/s  p50 ms  p99 ms  dropped     MiB");
for await (const line of readline.createInterface({ input: load.stdout })) {
  const step = JSON.parse(line);
  if (step.begins !== undefined) {
    for (const { pid } of gateways) memory(pid);
    if (String(step.begins) === times.at(-1)) {
      setTimeout(() => (revocation = timed(() => gate.do("revoke", revoked.id, "--yes"))), (Number(options.seconds) / 2) * 1000);
    }
  }
  if (step.multiple === undefined) continue;
  const now = await drops();
  const cells = [
    [step.multiple, 5], [step.offered.toFixed(0), 11], [step.in_time.toFixed(0), 11], [`${((step.in_time / step.peak) * 100).toFixed(0)} %`, 9],
    [step.late.toFixed(0), 12], [step.p50_ms.toFixed(0), 8], [step.p99_ms.toFixed(0), 8], [now - before, 9], [gateways.map(({ pid }) => memory(pid).toFixed(0)).join("+"), 8],
  ];
  console.log(cells.map(([text, width]) => String(text).padStart(width)).join(""));
  before = now;
}
if (revocation) console.log(`revoke in the middle of the last: ${(await revocation).toFixed(0)} ms, the command's start included`);
await t.end();
process.exit(0);
