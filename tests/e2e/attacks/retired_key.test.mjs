// A daemon that was not restarted after `keys promote` still stores under its own first key. If that key is
// retired meanwhile, nobody can be judged by what it stored, nor read the head that it signed.

import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";
import { Gate } from "../support/gate.mjs";
import { until } from "../support/waiting.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];

test("a master key is not retired while a daemon stores under it", async (t) => {
  const gate = await Gate.make(t, { timeout: 1 });
  const shop = await gate.create("shop", ...kTraffic);
  await gate.do("keys", "add", "master");
  await gate.gateway.stop();
  await gate.startGateway();
  await gate.do("keys", "promote", "master", "master-2.key");
  const { json } = await gate.do("rotate", "shop", "--overlap", "0", "--json");
  const noted = () => fs.readFileSync(gate.store("../store.head/head"), "utf8");
  const key = /^key (\S+)$/m.exec(noted())[1];

  const before = fs.readFileSync(gate.config, "utf8");
  const retired = await gate.command("keys", "retire", "master", "master.key");
  assert.equal(retired.code, 5, retired.stderr);
  assert.match(retired.stderr, /not restarted since another master key was promoted[^]*restart: \S+ \(pid \d+\)/);
  assert.equal(fs.readFileSync(gate.config, "utf8"), before);

  // It takes the secret back under its own key, and notes that under the key that the note has.
  const rotated = { ...shop, secret: json.secret };
  await gate.admitted(rotated);
  await gate.gateway.line(/event=rehashed/);
  await until("the rehash is noted", () => /^head 3 /m.test(noted()));
  assert.equal(/^key (\S+)$/m.exec(noted())[1], key);

  await gate.gateway.stop();
  await gate.startGateway();
  const used = await gate.command("keys", "retire", "master", "master.key");
  assert.equal(used.code, 5);
  assert.match(used.stderr, /1 credentials are still stored under this key/);
  await gate.admitted(rotated);
  await gate.gateway.line(/event=rehashed/);
  await gate.do("keys", "retire", "master", "master.key");
  await gate.gateway.stop();
  await gate.startGateway();
  await gate.admitted(rotated);
});

test("a daemon that does not answer is not taken for one that was restarted", async (t) => {
  const gate = await Gate.make(t, { timeout: 1 });
  await gate.do("keys", "add", "master");
  await gate.gateway.stop();
  await gate.startGateway();
  await gate.do("keys", "promote", "master", "master-2.key");
  gate.gateway.signal("SIGSTOP");
  t.after(() => gate.gateway.signal("SIGCONT"));
  const retired = await gate.command("keys", "retire", "master", "master.key");
  gate.gateway.signal("SIGCONT");
  assert.equal(retired.code, 5, retired.stderr);
  assert.match(retired.stderr, /\.sock: /);
});
