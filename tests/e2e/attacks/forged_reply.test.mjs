// Whoever may publish to a client's inbox answers its requests in the place of others.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { Gate } from "../support/gate.mjs";
import { assertMayNotPublish, assertMayNotSubscribe, assertMayPublish } from "../support/permissions.mjs";
import { until } from "../support/waiting.mjs";

const kAsks = ["--publish", "--subjects", "ask.>"];

// The messages that arrive in the inbox of `who`.
async function listening(gate, t, who) {
  const connection = await gate.connect(t, who);
  const got = [];
  connection.subscribe(`${who.inbox}.>`, { callback: (_, message) => got.push(message.string()) });
  await connection.flush();
  return { connection, got };
}

test("replies into private inboxes", async (t) => {
  const gate = await Gate.make(t);
  const victim = await gate.create("victim", ...kAsks);
  const wide = await gate.create("wide", "--publish", "--receive", "--everything");
  const { connection, got } = await listening(gate, t, victim);
  const attacker = await gate.connect(t, wide);

  await t.test("a publisher of everything cannot forge them", async (t) => {
    await assertMayPublish(attacker, "any.thing");
    for (const subject of [`${victim.inbox}.x`, `${victim.inbox}.a.b`]) {
      await assertMayNotPublish(attacker, subject);
    }
    // Only explicit permissions reach there, so the test would see a forged reply.
    const trusted = await gate.create("trusted", "--allow-pub", ">");
    const writer = await gate.connect(t, trusted);
    writer.publish(`${victim.inbox}.x`, "allowed");
    await writer.flush();
    await connection.flush();
    await until("the allowed reply", () => got.length > 0);
    assert.deepEqual(got, ["allowed"]);
  });

  await t.test("its own inbox is as good as any", async (t) => {
    const replier = await gate.create("replier", "--receive", "--subjects", "ask.>", "--allow-responses");
    const answering = await gate.connect(t, replier);
    answering.subscribe("ask.price", { callback: (_, message) => message.respond("42") });
    await answering.flush();
    for (const asking of [attacker, connection]) {
      assert.equal((await asking.request("ask.price", "", { timeout: 5000 })).string(), "42");
    }
  });

  await t.test("whoever may read them is told so", async () => {
    const told = /^warning: subscribe: the credential can read private inboxes/m;
    for (const [name, args, expected] of [
      ["reads-all", ["--receive", "--everything"], true],
      ["reads-all-by-hand", ["--allow-sub", ">"], true],
      ["writes-all", ["--publish", "--everything"], false],
      ["reads-some", ["--receive", "--subjects", "orders.>"], false],
    ]) {
      const { stderr } = await gate.do("create", name, ...args);
      assert.equal(told.test(stderr), expected, `${name}: ${stderr}`);
    }
    assert.match((await gate.do("update", "reads-some", "--allow-sub", ">")).stderr, told);
    assert.match((await gate.do("create", "forger", "--allow-pub", ">")).stderr, /^warning: publish: .* forge replies/m);
  });
});

test("a private inbox with the old prefix", async (t) => {
  const gate = await Gate.make(t);
  const line = { name: "elder", account: "APP", kind: "password", login: "elder", password: "hunter2hunter2", inbox: "old_private", capabilities: ["publish"], subjects: ["ask.>"] };
  const file = path.join(gate.dir, "elder.jsonl");
  fs.writeFileSync(file, `${JSON.stringify(line)}\n`);
  await gate.do("import", file);
  const { id } = (await gate.do("show", "elder", "--json")).json;
  const elder = (inbox) => ({ id, user: "elder", secret: line.password, inbox });
  const [before, now] = [elder(`_INBOX_${id}`), elder(`_CG.${id}`)];
  const wide = await gate.connect(t, await gate.create("wide", "--publish", "--everything"));

  await t.test("keeps working, beside the new one, and is not protected", async (t) => {
    const old = await listening(gate, t, before);
    const fresh = await listening(gate, t, now);
    wide.publish(`${before.inbox}.x`, "forged");
    await assertMayNotPublish(wide, `${now.inbox}.x`);
    await old.connection.flush();
    await until("the forged reply", () => old.got.length > 0);
    assert.deepEqual([old.got, fresh.got], [["forged"], []]);
  });

  await t.test("survives an export and an import", async () => {
    const { stdout } = await gate.do("export", "--with-hashes");
    const exported = stdout.split("\n").filter(Boolean).map((text) => JSON.parse(text));
    assert.equal(exported.find((one) => one.id === id).inbox, "old_private");
  });

  await t.test("is left by an update", async (t) => {
    assert.match((await gate.do("update", "elder", "--tag", "a=b")).stderr, /warning: inbox: .*credgate update CREDENTIAL --no-shared-inbox/);
    assert.equal((await gate.do("update", "elder", "--no-shared-inbox")).stderr, "");
    assert.equal((await gate.do("show", "elder", "--json")).json.inbox, "private");
    const connection = await gate.connect(t, now);
    await assertMayNotSubscribe(connection, `${before.inbox}.>`);
    const { got } = await listening(gate, t, now);
    assert.deepEqual(got, []);
  });
});
