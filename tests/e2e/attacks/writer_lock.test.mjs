// Whoever is stopped while it writes the store (Ctrl-Z) keeps LMDB's writer lock, for which everybody else
// waits without a limit. The daemon must end all the same.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import test from "node:test";
import { adminOf, flood, gateWithAdmins } from "../support/admins.mjs";
import { Gate } from "../support/gate.mjs";
import { run } from "../support/processes.mjs";
import { until } from "../support/waiting.mjs";

// mdb_load has begun to write, and waits for more rows.
async function keepWriterLock(t, gate) {
  const writer = spawn("mdb_load", ["-s", "usage", gate.store("")], { stdio: ["pipe", "inherit", "inherit"] });
  t.after(() => writer.kill("SIGKILL"));
  writer.stdin.write("VERSION=3\nformat=bytevalue\ntype=btree\nHEADER=END\n 7a7a\n 7a7a\n");
  await until("others wait for the lock", async () => {
    const done = await run("timeout", ["1", "mdb_load", "-s", "usage", gate.store("")], { input: "VERSION=3\nformat=bytevalue\ntype=btree\nHEADER=END\n 7a7b\n 7a7b\nDATA=END\n" });
    return done.code === 124;
  });
}

async function end(gate) {
  const began = performance.now();
  gate.gateway.signal("SIGTERM");
  const { code } = await gate.gateway.ended;
  assert.equal(code, 0);
  return (performance.now() - began) / 1000;
}

// Each takes as long as its limit, and most of that is waiting.
test("a daemon ends, though another process keeps the writer lock", { concurrency: 2 }, async (t) => {
  const recording = t.test("while a use is to be recorded", async (t) => {
    const gate = await Gate.make(t, { timeout: 1 });
    const shop = await gate.create("shop", "--publish", "--receive", "--subjects", "orders.>");
    await keepWriterLock(t, gate);
    await gate.admitted(shop);
    await end(gate);
    assert.match(gate.gateway.log, /event=stopped [^]*event=end_forced error="another process keeps the store's writer lock/);
  });
  const changing = t.test("while a change waits, before systemd kills it", async (t) => {
    const gate = await gateWithAdmins(t);
    const { id } = await gate.create("client", "--publish", "--subjects", "orders.>");
    const officer = adminOf(gate, "security-officer");
    const connection = await gate.connect(t, officer);
    await keepWriterLock(t, gate);
    flood(connection, officer.inbox, [["suspend", { credential: id }]]);
    await connection.flush();
    const seconds = await end(gate);
    t.diagnostic(`ended in ${seconds} s`);
    assert.match(gate.gateway.log, /event=end_forced error="another process keeps/);
    assert.ok(seconds < 18, `${seconds} s`); // TimeoutStopSec is 20
  });
  await Promise.all([recording, changing]);
});
