// A standard stream that is closed leaves its number to the next file that is opened: what is printed would
// be written into the store.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { Gate } from "../support/gate.mjs";
import { run } from "../support/processes.mjs";
import { credgate } from "../support/programs.mjs";
import { until } from "../support/waiting.mjs";

const kTraffic = ["--publish", "--subjects", "orders.>"];
const kFault = 1;

function inStore(gate, text) {
  return fs.readdirSync(gate.store(""), { recursive: true }).map((name) => path.join(gate.store(""), name))
    .filter((file) => fs.statSync(file).isFile() && fs.readFileSync(file).includes(text));
}

test("a secret that nobody can be shown is in no file, and is not said to be shown", async (t) => {
  const gate = await Gate.make(t, { start: false });
  for (const closed of [">&-", "<&- >&-", ">&- 2>&-", "<&- >&- 2>&-"]) {
    const name = `made${closed.length}`;
    const done = await run("bash", ["-c", `"$@" ${closed}`, "bash", credgate, "create", name, ...kTraffic, "--config", gate.config]);
    assert.equal(done.code, kFault, closed);
    if (!closed.includes("2>")) assert.match(done.stderr, /cannot write to standard output/);
    for (const text of ["NATS_PASSWORD", "To connect:", `created "${name}"`]) assert.deepEqual(inStore(gate, text), [], closed);
  }
});

test("a password is not read from what was opened instead of standard input", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const done = await run("bash", ["-c", '"$@" <&-', "bash", credgate, "create", "p", ...kTraffic, "--kind", "password", "--password-file", "-", "--config", gate.config]);
  assert.notEqual(done.code, 0);
  assert.equal((await gate.command("show", "p")).code, 3);
});

test("a daemon without standard error lets in, and logs into no file", async (t) => {
  const gate = await Gate.make(t, { start: false });
  await gate.startServer();
  const who = await gate.create("anna", ...kTraffic);
  const daemon = spawn("bash", ["-c", 'exec "$0" serve --config "$1" <&- >&- 2>&-', credgate, gate.config], { stdio: "ignore" });
  t.after(() => daemon.kill("SIGKILL"));
  await until("anna is let in", () => gate.admitted(who).then(() => true, () => false));
  daemon.kill("SIGTERM");
  assert.deepEqual(await once(daemon, "exit"), [0, null]);
  assert.deepEqual(inStore(gate, "event="), []);
});
