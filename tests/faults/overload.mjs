// What is answered in time when 1, 2, 4 and 8 times as many ask as can be decided, what that takes, and
// how soon a revocation is stored in the middle of the last: for one gateway and for two, with sealed
// requests and with plain ones. Exit code 1 where a limit is broken; each is a ratio of the same run.
//   node tests/faults/overload.mjs [--short] [--gateways 1,2] [--requests sealed,plain] [--times 1,2,4,8]
//     [--seconds N] [--timeout N] [--sources N] [--svg FILE]
// with the variables of tests/e2e/support/programs.mjs; CREDGATE_LOAD names callout_load.
//   offered    requests a second
//   in time    answered before their server's timeout, a second
//   of peak    as a share of what is answered when 48 at a time ask
//   per CPU    the same, of what the peak's CPU time for an answer would give for the CPU time that the
//              gateways had: what is lost to them, and not to the load and nats-server beside them
//   CPU        processors that the gateways, nats-server and the load had

import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { parseArgs } from "node:util";
import { root } from "../e2e/support/programs.mjs";
import { kPlayer, makeServerPart } from "../e2e/support/server_part.mjs";
import { scope, timed } from "../bench/statistics.mjs";
import { end, limit, percent } from "./limits.mjs";
import { plot } from "./plot.mjs";

const short = process.argv.includes("--short");
const { values: options } = parseArgs({
  options: {
    short: { type: "boolean" },
    gateways: { type: "string", default: short ? "1" : "1,2" },
    requests: { type: "string", default: short ? "sealed" : "sealed,plain" },
    times: { type: "string", default: short ? "8" : "1,2,4,8" },
    seconds: { type: "string", default: short ? "5" : "15" },
    timeout: { type: "string", default: short ? "2" : "5" },
    sources: { type: "string", default: "50" },
    svg: { type: "string" },
  },
});
// The least share of the peak that is answered in time, the most memory of what an idle gateway has, and
// the most time of what a revocation takes without load.
const [kGoodput, kMemory, kRevocation] = [0.1, 4, 20];
const kLoad = process.env.CREDGATE_LOAD ?? path.join(root, "build/release/tests/callout_load");
const kTicks = 100; // of /proc, a second

// Peak resident memory of a process since it was last asked, in MiB.
function memory({ pid }) {
  const kilobytes = /VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))[1];
  fs.writeFileSync(`/proc/${pid}/clear_refs`, "5");
  return Number(kilobytes) / 1024;
}

// Seconds that processes have had of a processor.
function cpu(processes) {
  return processes.reduce((sum, { pid }) => {
    const fields = fs.readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
    return sum + (Number(fields[11]) + Number(fields[12])) / kTicks;
  }, 0);
}

// CPU of each part while requests are sent.
class Meter {
  constructor(...parts) {
    this.parts = parts;
  }
  begin() {
    this.before = this.parts.map(cpu);
    this.at = performance.now();
  }
  end() {
    const seconds = (performance.now() - this.at) / 1000;
    this.had = this.parts.map((part, i) => (cpu(part) - this.before[i]) / seconds);
  }
}

const kHead = [["times", 5], ["offered", 9], ["in time", 9], ["of peak", 9], ["per CPU", 9], ["late", 6], ["p50 ms", 8], ["p99 ms", 8], ["dropped", 9], ["MiB", 9], ["CPU", 16]];
const print = (cells) => console.log(cells.map((cell, i) => String(cell).padStart(kHead[i][1])).join(""));

// Gives the goodput of each multiple, as a share of the peak.
async function round(count, requests, multiples) {
  const t = scope();
  try {
    const gate = await makeServerPart(t, { xkey: requests === "sealed" });
    await gate.startServer();
    const gateways = [];
    for (let i = 0; i < count; i++) gateways.push(await gate.startGateway());
    const who = await gate.create("shop", "--publish", "--subjects", "orders.>");
    const idle = await gate.create("idle", "--publish", "--subjects", "orders.>");
    const revoked = await gate.create("revoked", "--publish", "--subjects", "orders.>");
    const revoke = ({ id }) => timed(() => gate.do("revoke", id, "--yes"));
    const drops = async () => (await gate.do("status", "--json")).json.reduce((sum, { decisions }) => sum + (decisions.overload_drops ?? 0), 0);
    const unloaded = { memory: gateways.map(memory), revocation: await revoke(idle) };

    const load = spawn(kLoad, [gate.url, kPlayer.user, kPlayer.pass, gate.init.issuer, requests === "sealed" ? gate.init.xkey : "", who.id, who.secret, options.seconds, options.timeout, options.sources, ...multiples], { stdio: ["ignore", "pipe", "inherit"] });
    t.after(() => load.kill());
    const meter = new Meter(gateways, [gate.server], [load]);
    let [peak, dropped, revocation] = [undefined, await drops(), undefined];
    const goodput = [];
    console.log(`\n${count} gateway${count > 1 ? "s" : ""}, ${requests} requests`);
    print(kHead.map(([name]) => name));
    for await (const line of readline.createInterface({ input: load.stdout })) {
      const step = JSON.parse(line);
      if (step.begins !== undefined) {
        gateways.forEach(memory);
        meter.begin();
        if (String(step.begins) === multiples.at(-1)) setTimeout(() => (revocation = revoke(revoked)), Number(options.seconds) * 500);
      }
      if (step.ends !== undefined) meter.end();
      if (step.peak !== undefined && step.multiple === undefined) peak = { rate: step.peak, cpu: meter.had[0] };
      const shown = ({ multiple, offered, rate, late, p50, p99 }, drops, used) =>
        print([multiple, offered, rate.toFixed(0), percent(rate / peak.rate), percent(rate / peak.rate / (meter.had[0] / peak.cpu)), late, p50, p99, drops, used, meter.had.map((one) => one.toFixed(2)).join("+")]);
      if (step.multiple === undefined) {
        if (step.peak !== undefined) shown({ multiple: "peak", offered: "", rate: step.peak, late: "", p50: "", p99: "" }, "", gateways.map((one) => memory(one).toFixed(0)).join("+"));
        continue;
      }
      const now = await drops();
      const used = gateways.map(memory);
      shown({ ...step, offered: step.offered.toFixed(0), rate: step.in_time, late: step.late.toFixed(0), p50: step.p50_ms.toFixed(0), p99: step.p99_ms.toFixed(0) }, now - dropped, used.map((one) => one.toFixed(0)).join("+"));
      dropped = now;
      goodput.push([step.multiple, step.in_time / peak.rate]);
      const times = `${step.multiple} times:`;
      limit(`${times} ${percent(step.in_time / peak.rate)} of the peak in time, at least ${percent(kGoodput)}`, step.in_time / peak.rate >= kGoodput);
      limit(`${times} ${step.late.toFixed(0)} answers a second too late, none`, step.late === 0);
      const most = Math.max(...used.map((one, i) => one / unloaded.memory[i]));
      limit(`${times} ${most.toFixed(1)} times the memory of an idle gateway, at most ${kMemory}`, most <= kMemory);
    }
    limit(`the load has played all its steps`, goodput.length === multiples.length);
    const took = await revocation;
    limit(`revoke in the middle of the last: ${took.toFixed(0)} ms, ${unloaded.revocation.toFixed(0)} ms without load; at most ${kRevocation} times that`, took <= kRevocation * unloaded.revocation);
    return goodput;
  } finally {
    await t.end();
  }
}

const curves = [];
for (const count of options.gateways.split(",").map(Number)) {
  for (const requests of options.requests.split(",")) {
    curves.push({ name: `${count} gateway${count > 1 ? "s" : ""}, ${requests}`, points: await round(count, requests, options.times.split(",")) });
  }
}
if (options.svg) {
  plot(options.svg, { title: "Logins decided in time, by how many ask", xLabel: "requests offered, as multiples of what can be decided", yLabel: "decided in time, of the peak", curves });
}
end();
