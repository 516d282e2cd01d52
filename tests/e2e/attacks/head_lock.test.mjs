// Whoever stops a command at the wrong moment (Ctrl-Z) leaves the noted head locked. Neither the daemon nor
// another command may wait for that.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import { once } from "node:events";
import test from "node:test";
import { Gate } from "../support/gate.mjs";
import { until } from "../support/waiting.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];

// A process that keeps the lock until it is ended.
async function keepLock(t, gate) {
  const holder = spawn("flock", [gate.store("../store.head/lock"), "sh", "-c", "echo locked; exec cat"], { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => holder.kill("SIGKILL"));
  await once(holder.stdout, "data");
  return async () => {
    holder.stdin.end();
    await once(holder, "exit");
  };
}

test("a lock on the noted head that nobody gives back stops neither daemon nor command", async (t) => {
  const gate = await Gate.make(t, { timeout: 1 });
  const shop = await gate.create("shop", ...kTraffic);
  const till = await gate.create("till", ...kTraffic);
  await gate.admitted(till);
  const release = await keepLock(t, gate);

  const revoked = await gate.command("revoke", "till", "--yes");
  assert.equal(revoked.code, 0, revoked.stderr);
  assert.match(revoked.stderr, /warning: store: the head could not be noted: another process keeps \S+store\.head\/lock locked/);
  await gate.gateway.line(/event=head_not_noted error="[^"]*another process keeps/);
  await gate.denied(till, "revoked");
  await gate.admitted(shop);
  assert.equal(gate.gateway.lines(/event=head_not_noted/).length, 1, "logged once");
  const status = async () => (await gate.command("status")).stdout;
  assert.match(await status(), /^ +head +NOT NOTED since \S+Z: store: the head could not be noted: another process keeps/m);

  await release();
  const noted = gate.store("../store.head/head");
  await until("it is noted without another commit", () => fs.readFileSync(noted, "utf8").includes(`revoke 3 ${till.id}\n`));
  await until("nothing is to be told", async () => !/NOT NOTED/.test(await status()));

  await keepLock(t, gate);
  await gate.command("suspend", "shop");
  await gate.gateway.stop();
});

test("why the head is not noted is logged again when it changes", async (t) => {
  const gate = await Gate.make(t, { timeout: 1 });
  await gate.create("shop", ...kTraffic);
  await keepLock(t, gate);
  await gate.command("suspend", "shop");
  await gate.gateway.line(/event=head_not_noted error="[^"]*another process keeps/);
  const directory = gate.store("../store.head");
  fs.renameSync(directory, `${directory}.away`);
  fs.writeFileSync(directory, "");
  await gate.gateway.line(/event=head_not_noted error="[^"]*cannot (read|note)/);
});

test("a master key is not retired while the head cannot be noted under the next", async (t) => {
  const gate = await Gate.make(t, { timeout: 1 });
  await gate.create("shop", ...kTraffic);
  await gate.do("keys", "add", "master");
  await gate.gateway.stop();
  await gate.do("keys", "promote", "master", "master-2.key");
  await gate.do("revoke", "shop", "--yes");
  await gate.do("create", "till", ...kTraffic);
  const before = fs.readFileSync(gate.config, "utf8");
  const inTheWay = gate.store("../store.head/head.new");
  fs.rmSync(inTheWay);
  fs.mkdirSync(inTheWay);
  await gate.do("create", "more", ...kTraffic); // with a warning: the note lags
  const refused = await gate.command("keys", "retire", "master", "master.key");
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /cannot note the head in/);
  assert.match(refused.stderr, /nothing was changed/);
  assert.equal(fs.readFileSync(gate.config, "utf8"), before);
  fs.rmdirSync(inTheWay);
  await gate.do("keys", "retire", "master", "master.key");
  await gate.startGateway(); // else exit code 78
});
