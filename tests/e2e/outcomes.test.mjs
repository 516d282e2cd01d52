// What a command says is what happened: statuses, causes, exit codes.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { adminOf, ask, gateWithAdmins } from "./support/admins.mjs";
import { Gate } from "./support/gate.mjs";
import { temporaryDirectory } from "./support/lifetime.mjs";
import { freePort } from "./support/ports.mjs";
import { run } from "./support/processes.mjs";
import { credgate, serverVersion } from "./support/programs.mjs";
import { until } from "./support/waiting.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const kUsage = 2;
const kNoSuch = 3;
const kRefused = 5;
const kNoInput = 66;

test("a status is what the record and its dates come to now", async (t) => {
  const gate = await gateWithAdmins(t);
  const words = {};
  for (const [word, ...options] of [["active"], ["suspended"], ["revoked"], ["expired", "--expires", "3s"], ["not_yet_valid", "--not-before", "2099-01-01T00:00:00Z"]]) {
    words[word] = await gate.create(word, ...kTraffic, ...options);
  }
  await gate.do("suspend", "suspended");
  await gate.do("revoke", "revoked", "--yes");
  await until("it has expired", async () => (await gate.do("show", "expired", "--json")).json.status === "expired");
  const connection = await gate.connect(t, adminOf(gate, "viewer"));
  for (const [word, { id }] of Object.entries(words)) {
    await t.test(`${word}, here and over NATS`, async () => {
      const listed = (await gate.do("list", "--status", word, "--account", "APP", "--json")).json;
      assert.deepEqual(listed.map((c) => [c.id, c.status]), [[id, word]]);
      const far = await ask(connection, "list.APP", { status: word });
      assert.deepEqual(far.credentials.map((c) => [c.id, c.status]), [[id, word]]);
      assert.match((await gate.do("list", "--all")).stdout, new RegExp(`^${word} .* ${word} .* ${id} `, "m"));
      const shown = (await gate.do("show", id)).stdout;
      assert.match(shown, new RegExp(`^status +${word}$`, "m"));
      if (word === "active") return assert.match(shown, /^permissions in nats-server$/m);
      assert.match(shown, /it lets nobody in/);
      assert.equal(/publish +allow/.test(shown), word !== "revoked");
    });
  }
  await t.test("another word is refused, with those that there are", async () => {
    const done = await gate.command("list", "--status", "over");
    assert.equal(done.code, kUsage);
    assert.match(done.stderr, /expired, not_yet_valid or revoked/);
    assert.equal((await ask(connection, "list", { status: "over" })).error.code, "usage");
  });
});

test("a page of the history that has entries after it is not empty", async (t) => {
  const gate = await gateWithAdmins(t);
  const shop = await gate.create("shop", ...kTraffic);
  const lines = Array.from({ length: 1_050 }, (_, i) => JSON.stringify({ name: `n${i}`, fingerprint: `sha256:${i.toString(16).padStart(64, "0")}`, capabilities: ["receive"], subjects: ["a"] }));
  fs.writeFileSync(path.join(gate.dir, "many.jsonl"), lines.join("\n"));
  await gate.do("import", path.join(gate.dir, "many.jsonl"));
  await gate.do("update", "shop", "--no-publish");
  const connection = await gate.connect(t, adminOf(gate, "viewer"));
  const actions = [];
  for (let after = 0, more = true; more; ) {
    const page = await ask(connection, "history", { credential: shop.id, limit: 1, after });
    assert.equal(page.entries.length, 1, JSON.stringify(page));
    actions.push(page.entries[0].action);
    ({ after, more } = page);
    if (actions.length === 2) break;
  }
  assert.deepEqual(actions, ["create", "update"]);
});

test("a server that reports no leafnodes is named, where the credential may have some", async (t) => {
  const gate = await Gate.make(t);
  const [, minor, patch] = serverVersion;
  const reports = minor > 11 || (minor === 11 && patch >= 5);
  await gate.create("edge", ...kTraffic, "--connection-types", "LEAFNODE");
  await gate.create("shop", ...kTraffic);
  const [edge, shop] = [await gate.do("sessions", "edge", "--json"), await gate.do("sessions", "shop", "--json")];
  assert.equal(edge.json.leafnodes_unreported.length, reports ? 0 : 1);
  assert.equal(/note: leafnodes are not listed/.test(edge.stderr), !reports);
  assert.deepEqual([shop.json.leafnodes_unreported, shop.stderr], [[], ""]);
});

test("what was meant for a gateway elsewhere is not done here", async (t) => {
  const gate = await Gate.make(t, { start: false });
  await gate.create("shop", ...kTraffic);
  for (const option of ["--user", "--user-password-file", "--creds", "--nkey", "--tlsca", "--inbox-prefix"]) {
    await t.test(`with ${option}, and without a server`, async () => {
      const done = await gate.command("revoke", "shop", "--yes", option, "x");
      assert.equal(done.code, kUsage, done.stdout);
      assert.match(done.stderr, new RegExp(`^credgate: ${option}: .*--server URL or --context FILE`));
    });
  }
  assert.equal((await gate.do("show", "shop", "--json")).json.status, "active");
});

test("a repeated create says that it wrote no secret", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const create = (out) => gate.do("create", "shop", ...kTraffic, "--request-id", "r1", "--out", path.join(gate.dir, out));
  assert.match((await create("first")).stdout, /its secret is in/);
  const again = await create("second");
  assert.match(again.stdout, /was made before .*its secret is not shown again, and \S+second is not written/);
  assert.equal(fs.existsSync(path.join(gate.dir, "second")), false);
});

test("of a daemon that does not run, the question names those that do", async (t) => {
  const gate = await Gate.make(t);
  const done = await gate.command("status", "--instance", "foo");
  assert.equal(done.code, kNoSuch);
  assert.match(done.stderr, /no daemon named foo answers in \S+run; there are: credgate/);
});

test("a file that cannot be read is told from one with errors, with the cause", async (t) => {
  const gate = await Gate.make(t, { start: false });
  for (const [file, why] of [["/nonexistent", /No such file or directory/], [gate.dir, /Is a directory/]]) {
    for (const command of [["doctor", file], ["import", "--nats-config", file]]) {
      await t.test(`${command[0]} of ${file === gate.dir ? "a directory" : file}`, async () => {
        const done = await gate.command(...command);
        assert.equal(done.code, kNoInput, done.stderr);
        assert.match(done.stderr, why);
      });
    }
  }
  const done = await gate.command("list", "--server", gate.url, "--user", "x", "--user-password-file", "-", "--inbox-prefix", "_CG.x", "--tlsca", "/nonexistent.pem");
  assert.match(done.stderr, /--tlsca \/nonexistent\.pem: No such file or directory/);
});

test("an init that fails leaves nothing in the way of the next one", async () => {
  const dir = path.join(temporaryDirectory(), "new");
  fs.mkdirSync(dir);
  fs.symlinkSync("/nonexistent/x", path.join(dir, "nats-server.conf"));
  const init = async () => run(credgate, ["init", "--dir", dir, "--listen", `127.0.0.1:${await freePort()}`]);
  const failed = await init();
  assert.notEqual(failed.code, 0);
  assert.deepEqual(fs.readdirSync(dir), ["nats-server.conf"]);
  fs.unlinkSync(path.join(dir, "nats-server.conf"));
  const done = await init();
  assert.equal(done.code, 0, done.stderr);
});

test("a master key that a daemon does not have is not promoted", async (t) => {
  const gate = await Gate.make(t);
  const { name } = (await gate.do("keys", "add", "master", "--json")).json;
  const early = await gate.command("keys", "promote", "master", name);
  assert.equal(early.code, kRefused, early.stdout);
  assert.match(early.stderr, /not restarted since this master key was added.*restart: credgate \(pid \d+\)/);
  await gate.gateway.stop();
  await gate.startGateway();
  await gate.do("keys", "promote", "master", name);
});

test("the question of revoke shows whom it is about", async (t) => {
  const gate = await Gate.make(t);
  await gate.gateway.line(/event=system_connected/);
  const who = await gate.create("shop", ...kTraffic);
  const open = await gate.connect(t, who);
  await until("its use is noted", async () => (await gate.do("show", "shop", "--json")).json.uses === 1);
  const asked = await run("script", ["-qec", `${credgate} revoke shop --config ${gate.config}`, "/dev/null"], { input: "no\n" });
  assert.match(asked.stdout, new RegExp(`${who.id} "shop" in account APP`));
  assert.match(asked.stdout, /last use +\d{4}-.* from 127\.0\.0\.1/);
  assert.match(asked.stdout, /open sessions +1\b/);
  assert.match(asked.stdout, /nothing was changed/);
  await open.flush();
});
