// A store on a file system that is read-only: made so by the kernel after an error, or by somebody who wants
// no revocation to be made. Whoever was let in still is, and nobody takes a change that is not kept.

import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";
import { Gate } from "../support/gate.mjs";
import { MountSpace } from "../support/mount_space.mjs";
import { until } from "../support/waiting.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const kRefused = 5;
const readOnly = (dir) => `mount --bind '${dir}' '${dir}'; mount -o remount,bind,ro '${dir}'`;

async function metric(gate, name) {
  const page = await (await fetch(`http://${gate.metrics}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(page)[1]);
}

// A gate whose store is read-only for those in `space`, and `anna`, `bert`.
async function make(t) {
  const gate = await Gate.make(t, { start: false, metrics: true, admins: true });
  await gate.startServer();
  const people = {};
  for (const name of ["anna", "bert", "cora"]) people[name] = await gate.create(name, ...kTraffic);
  await gate.do("suspend", "bert");
  const space = await MountSpace.make(t, gate, readOnly(gate.store("")));
  return { gate, space, ...people };
}

test("a daemon that starts on a read-only store decides, is ready, says so, and refuses each change", async (t) => {
  const { gate, space, anna, bert, cora } = await make(t);
  await space.startGateway();
  await gate.gateway.line(/event=store_read_only error="the file system of \S+ is read-only, so nothing can be changed, and nobody revoked; find out why/);
  await gate.admitted(anna);
  await gate.denied(bert, "suspended");
  await gate.refused({ ...anna, secret: "wrong" });
  await until("/readyz says 200", async () => (await fetch(`http://${gate.metrics}/readyz`)).status === 200);
  assert.equal(await metric(gate, "credgate_store_read_only"), 1);
  const status = await gate.do("status");
  assert.match(status.stdout, /^ +warning +the store takes no change: the file system of \S+ is read-only/m);
  for (const args of [["list"], ["show", "anna"], ["history"], ["check"], ["check", "--deep"], ["history", "--verify"]]) await space.do(...args);

  const changes = [["revoke", "anna", "--yes"], ["suspend", "anna"], ["create", "dora", ...kTraffic], ["rotate", "anna"], ["history", "--prune", "90d", "--yes"]];
  for (const args of changes) {
    const done = await space.command(...args);
    assert.equal(done.code, kRefused, `${args[0]}: ${done.stderr}`);
    assert.match(done.stderr, /is read-only, so nothing can be changed, and nobody revoked/);
  }
  const officer = JSON.parse(fs.readFileSync(`${gate.init.admins}/security-officer.json`, "utf8"));
  await gate.gateway.line(/event=admin_connected/);
  const far = await space.command("revoke", "anna", "--yes", "--context", `${gate.init.admins}/security-officer.json`);
  assert.equal(far.code, kRefused, `${officer.user}: ${far.stderr}`);
  assert.match(far.stderr, /is read-only, so nothing can be changed/);
  await gate.admitted(anna);
  assert.deepEqual(gate.gateway.lines(/event=head_not_noted/), []);

  // Whoever can still write the files is heard, as ever.
  const live = await gate.connect(t, cora);
  await gate.do("revoke", "cora", "--yes");
  await live.closed();
  await gate.denied(cora, "revoked");
  for (let i = 0; i < 5; i++) await gate.do("update", "anna", "--tag", `n=${i}`);
  await gate.admitted(anna);
});

test("a daemon that finds its store writable again says that it must be restarted, and then takes changes", async (t) => {
  const { gate, space, anna } = await make(t);
  await space.startGateway();
  await gate.gateway.line(/event=store_read_only .*is read-only/);
  await space.sh(`mount -o remount,bind,rw '${gate.store("")}'`);
  await gate.gateway.line(/event=store_read_only .*is writable again, but was read-only when this process opened the store: restart it/);
  await gate.admitted(anna);
  await space.do("suspend", "anna"); // a command opens it anew
  await gate.denied(anna, "suspended");
  await gate.gateway.stop();
  await space.startGateway();
  await gate.denied(anna, "suspended");
  assert.equal(await metric(gate, "credgate_store_read_only"), 0);
  assert.deepEqual(gate.gateway.lines(/event=store_read_only/), []);
});

test("where the noted head alone is read-only, a revocation is made and warned of, and the daemon serves", async (t) => {
  const gate = await Gate.make(t, { start: false });
  await gate.startServer();
  const anna = await gate.create("anna", ...kTraffic);
  const space = await MountSpace.make(t, gate, readOnly(gate.store("../store.head")));
  await space.startGateway();
  await gate.admitted(anna);
  const done = await space.do("revoke", "anna", "--yes");
  assert.match(done.stderr, /warning: store: cannot note the head in \S+: Read-only file system/);
  await gate.denied(anna, "revoked");
  await gate.gateway.line(/event=head_not_noted .*Read-only file system/);
});
