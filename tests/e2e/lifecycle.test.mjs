// What an operator does to a credential while the daemon serves: the next connection feels it, and
// nothing is restarted for it.

import assert from "node:assert/strict";
import test from "node:test";
import { Gate } from "./support/gate.mjs";
import { assertMayNotPublish, assertMayPublish } from "./support/permissions.mjs";
import { Daemon } from "./support/processes.mjs";
import { credgate } from "./support/programs.mjs";
import { until } from "./support/waiting.mjs";

// The record itself. Usage is written some time after a connection: it may come between two readings.
function record({ uses, last_used_at, last_used_from, ...stored }) {
  assert.ok(Number.isInteger(uses) && last_used_at !== undefined && last_used_from !== undefined);
  return stored;
}

test("a credential's life while the daemon serves", async (t) => {
  const gate = await Gate.make(t);
  const pid = gate.gateway.pid;
  let shop;

  await t.test("it is let in as soon as it is created", async (t) => {
    shop = await gate.create("shop", "--publish", "--subjects", "orders.>", "--tag", "team=web");
    await assertMayPublish(await gate.connect(t, shop), "orders.new");
  });

  await t.test("after --no-publish it may connect but not publish", async (t) => {
    await gate.do("update", "shop", "--no-publish", "--receive");
    await assertMayNotPublish(await gate.connect(t, shop), "orders.new");
    const done = await gate.client(shop, "pub", "orders.new", "x");
    assert.deepEqual([done.code, done.line.split(":")[0]], [3, "permissions violation"]);
  });

  await t.test("after --publish it may again, by its id as by its name", async (t) => {
    await gate.do("update", shop.id, "--publish");
    await assertMayPublish(await gate.connect(t, shop), "orders.new");
  });

  await t.test("suspended it is refused: suspended", async () => {
    await gate.do("suspend", "shop", "--reason", "unpaid");
    await gate.denied(shop, "suspended");
  });

  await t.test("suspending it twice changes nothing", async () => {
    const { stdout } = await gate.do("suspend", "shop");
    assert.match(stdout, /unchanged/);
  });

  await t.test("resumed it is let in", async () => {
    await gate.do("resume", "shop");
    await gate.admitted(shop);
  });

  await t.test("renamed it is the same credential", async () => {
    await gate.do("update", "shop", "--name", "store");
    await gate.admitted(shop);
    assert.equal((await gate.command("show", "shop")).code, 3);
    await gate.do("update", "store", "--name", "shop");
  });

  await t.test("an update with a stale revision is a conflict, and changes nothing", async () => {
    const { json } = await gate.do("show", "shop", "--json");
    const stale = await gate.command("update", "shop", "--subjects", "other.>", "--revision", `${json.revision - 1}`);
    assert.equal(stale.code, 4);
    assert.match(stale.stderr, /revision/);
    assert.deepEqual(record((await gate.do("show", "shop", "--json")).json), record(json));
    await gate.do("update", "shop", "--subjects", "orders.>,audit.>", "--revision", `${json.revision}`);
    assert.equal((await gate.do("show", "shop", "--json")).json.revision, json.revision + 1);
  });

  await t.test("revoking asks, and without anybody to ask it refuses", async () => {
    const asked = await gate.command("revoke", "shop");
    assert.equal(asked.code, 2);
    assert.match(asked.stderr, /--yes/);
    await gate.admitted(shop);
  });

  await t.test("revoked it is refused: revoked", async () => {
    await gate.do("revoke", "shop", "--reason", "left", "--yes");
    await gate.denied(shop, "revoked");
  });

  await t.test("revoked is final: neither resume nor update brings it back", async () => {
    for (const args of [["resume", shop.id], ["update", shop.id, "--publish"], ["suspend", shop.id]]) {
      assert.equal((await gate.command(...args)).code, 5, args.join(" "));
    }
    await gate.denied(shop, "revoked");
  });

  await t.test("its name is free again, and its successor has another id and secret", async () => {
    const next = await gate.create("shop", "--publish", "--subjects", "orders.>");
    assert.notEqual(next.id, shop.id);
    await gate.admitted(next);
    await gate.denied(shop, "revoked");
    await gate.denied({ ...next, secret: shop.secret }, "bad_proof");
  });

  await t.test("a revoked public key can't be registered again", async () => {
    const keyed = await gate.create("keyed", "--kind", "nkey", "--publish", "--subjects", "a.b");
    await gate.do("revoke", "keyed", "--yes");
    const again = await gate.command(
      ...["create", "keyed", "--kind", "nkey", "--public-key", keyed.publicKey, "--publish", "--subjects", "a.b"],
    );
    assert.equal(again.code, 4, again.stderr);
    await gate.denied(keyed, "revoked");
  });

  await t.test("the history shows each change once, in order, with who made it", async () => {
    const { json } = await gate.do("history", shop.id, "--json");
    assert.deepEqual(
      json.map((entry) => entry.action),
      ["create", "update", "update", "suspend", "resume", "update", "update", "update", "revoke"],
    );
    json.forEach((entry, i) => {
      assert.equal(entry.revision, i + 1);
      assert.match(entry.actor, /^local:/);
      assert.ok(i === 0 || entry.sequence > json[i - 1].sequence);
    });
    assert.deepEqual(json[1].fields.capabilities, { before: ["publish"], after: ["receive"] });
    assert.deepEqual([json[3].reason, json[8].reason], ["unpaid", "left"]);
    const { stdout } = await gate.do("history", shop.id);
    assert.equal(stdout.match(/ revoke /g)?.length, 1);
  });

  await t.test("list, show and their forms agree", async () => {
    const { json } = await gate.do("list", "--all", "--json");
    assert.deepEqual(json.map((c) => c.status).sort(), ["active", "revoked", "revoked"]);
    assert.deepEqual((await gate.do("list", "--json")).json.map((c) => c.status), ["active"]);
    for (const credential of json) {
      const { expanded, ...shown } = (await gate.do("show", credential.id, "--json")).json;
      assert.deepEqual(record(shown), record(credential));
      assert.ok(expanded.publish && expanded.subscribe);
    }
    assert.deepEqual((await gate.do("list", "--status", "active", "--json")).json.map((c) => c.name), ["shop"]);
    assert.deepEqual((await gate.do("list", "--tag", "team=web", "--all", "--json")).json.map((c) => c.id), [shop.id]);
    assert.equal((await gate.command("list", "--account", "NONE", "--json")).code, 3);
    assert.equal((await gate.do("list", "--status", "active", "--quiet")).stdout, `${json.find((c) => c.status === "active").id}\n`);
    const table = (await gate.do("list", "--all", "--columns", "name,id")).stdout;
    assert.match(table, /^NAME +ID\n/);
    for (const { id } of json) assert.ok(table.includes(id), `${id} is not in\n${table}`);
  });

  await t.test("nothing was restarted", () => {
    assert.equal(gate.gateway.pid, pid);
    assert.equal(gate.gateway.exit, null);
    assert.equal(gate.gateway.lines(/event=connected/).length, 1);
  });
});

test("other credentials' changes leave a live connection alone", async (t) => {
  const gate = await Gate.make(t);
  const shop = await gate.create("shop", "--publish", "--receive", "--subjects", "orders.>");
  await gate.create("other", "--publish", "--subjects", "orders.>");
  const connection = await gate.connect(t, shop);
  await gate.do("suspend", "other");
  await gate.do("revoke", "other", "--yes");
  await connection.flush();
  assert.equal(connection.isClosed(), false);
  assert.deepEqual(gate.gateway.lines(/kick/), []);
});

test("the journal", async (t) => {
  const gate = await Gate.make(t);
  const who = await gate.create("shop", "--publish", "--subjects", "a");
  await gate.create("other", "--publish", "--subjects", "a");

  await t.test("is followed as it grows", async () => {
    const following = new Daemon(credgate, ["history", "--follow", "--json", "--config", gate.config], { stdio: ["ignore", "pipe", "pipe"] });
    gate.daemons.push(following);
    await following.line(/"create".*other|other.*"create"|"sequence":2/);
    await gate.do("suspend", "shop", "--reason", "a while");
    const line = await following.line(/"sequence":3/);
    assert.equal(JSON.parse(line).reason, "a while");
    await following.stop();
  });

  await t.test("is filtered by credential, actor, action and time", async () => {
    const actions = async (...args) => (await gate.do("history", ...args, "--json")).json.map(({ action }) => action);
    const { actor } = (await gate.do("history", "--json")).json[0];
    assert.deepEqual(await actions("shop"), ["create", "suspend"]);
    assert.deepEqual(await actions("--action", "suspend"), ["suspend"]);
    assert.deepEqual(await actions("--actor", actor), ["create", "create", "suspend"]);
    assert.deepEqual(await actions("--actor", "local:nobody-at-all"), []);
    assert.deepEqual(await actions("--since", "1h"), ["create", "create", "suspend"]);
    assert.deepEqual(await actions("--until", "1h"), []);
    assert.equal((await gate.command("history", "--action", "eat")).code, 2);
    assert.equal((await gate.command("history", "--since", "yesterday")).code, 2);
  });

  await t.test("shows by its chain that nothing was altered or cut", async () => {
    const { json } = await gate.do("history", "--verify", "--json");
    assert.deepEqual(json.faults, []);
    assert.match(json.head, /^3:/);
    await gate.do("resume", "shop");
    await gate.do("history", "--verify", "--from", json.head);
    const cut = await gate.command("history", "--verify", "--from", json.head.replace(/^3:/, "9:"));
    assert.equal(cut.code, 1);
    assert.match(cut.stdout, /its end was cut off/);
    assert.equal((await gate.command("history", "--verify", "--from", "3")).code, 2);
  });

  await t.test("the last use of a credential is known, and who was not used", async () => {
    await gate.admitted(who);
    await until("it is noted", async () => (await gate.do("show", "shop", "--json")).json.uses === 1);
    const { json } = await gate.do("show", "shop", "--json");
    assert.equal(json.last_used_from, "127.0.0.1");
    assert.deepEqual((await gate.do("list", "--unused", "90d", "--json")).json, []);
    await until("four seconds are over", async () => (await gate.do("list", "--unused", "3s", "--json")).json.length === 2);
    await gate.admitted(who);
    const used = await until("it is noted", async () => {
      const { json } = await gate.do("show", "shop", "--json");
      return json.uses === 2 && Date.parse(json.last_used_at);
    });
    // It may be noted some seconds after it was.
    const ago = Math.ceil((Date.now() - used) / 1000) + 1;
    assert.equal((await gate.do("list", "--unused", `${ago}s`, "--quiet", "--columns", "name")).stdout, "other\n");
  });
});
