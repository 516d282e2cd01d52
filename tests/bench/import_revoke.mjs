// How long `credgate revoke` takes while a large import runs, beside how long it takes alone.
// node tests/bench/import_revoke.mjs [LINES], with the variables of tests/e2e/support/programs.mjs.

import fs from "node:fs";
import path from "node:path";
import { quantile, row, scope, timed } from "./statistics.mjs";

const kLines = Number(process.argv[2] ?? 1_000_000);
const kRevokes = 150;
process.env.CREDGATE_LONGEST_FILE ??= "3000000";
const { Gate } = await import("../e2e/support/gate.mjs");
const { Daemon } = await import("../e2e/support/processes.mjs");
const { credgate } = await import("../e2e/support/programs.mjs");
const t = scope();
const gate = await Gate.make(t, { start: false, cheapPasswords: false });
const file = path.join(gate.dir, "many.jsonl");
{
  const out = fs.createWriteStream(file);
  for (let i = 0; i < kLines; i++) {
    const line = `{"name":"device-${i}","token":"token-of-device-${i}","capabilities":["publish"],"subjects":["devices.${i}.>"]}\n`;
    if (!out.write(line)) await new Promise((resolve) => out.once("drain", resolve));
  }
  await new Promise((resolve) => out.end(resolve));
}
const victims = async (prefix, count) => {
  const lines = Array.from({ length: count }, (_, i) => `{"name":"${prefix}-${i}","token":"${prefix}${i}","capabilities":["publish"],"subjects":["a"]}`);
  const few = path.join(gate.dir, `${prefix}.jsonl`);
  fs.writeFileSync(few, lines.join("\n"));
  await gate.do("import", few);
};
await victims("alone", kRevokes);
await victims("during", 5000);
const revoke = (name) => timed(() => gate.do("revoke", name, "--yes"));
const alone = [];
for (let i = 0; i < kRevokes; i++) alone.push(await revoke(`alone-${i}`));

const began = performance.now();
const importing = new Daemon(credgate, ["import", file, "--config", gate.config], { stdio: ["ignore", "inherit", "pipe"] });
// The first half of an import only reads: revoking is timed once it writes.
const journal = async () => (await gate.do("check", "--json")).json.journal;
const before = await journal();
while ((await journal()) === before && importing.exit === null) await new Promise((resolve) => setTimeout(resolve, 500));
console.log(`the import's check took ${((performance.now() - began) / 1000).toFixed(1)} s`);
const during = [];
for (let i = 0; importing.exit === null && i < 5000; i++) {
  during.push(await revoke(`during-${i}`));
  await new Promise((resolve) => setTimeout(resolve, 100)); // as people do: not one after the other
}
const { code } = await importing.ended;
const seconds = (performance.now() - began) / 1000;
console.log(`import of ${kLines} lines: ${seconds.toFixed(1)} s, exit code ${code}`);
row("revoke alone", alone);
row("revoke during the import", during);
console.log(`during / alone  p50 ${(quantile(during, 0.5) / quantile(alone, 0.5)).toFixed(2)}  p99 ${(quantile(during, 0.99) / quantile(alone, 0.99)).toFixed(2)}`);
await t.end();
process.exit(code);
