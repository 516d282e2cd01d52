// A file that is the truth: what `apply` would change, and what it changes.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { createUser } from "@nats-io/nkeys";
import { Gate } from "./support/gate.mjs";
import { run } from "./support/processes.mjs";
import { credgate } from "./support/programs.mjs";
import { until } from "./support/waiting.mjs";

const kMay = { capabilities: ["publish"], subjects: ["orders.>"] };
const [kDone, kUsage, kConflict] = [0, 2, 4];

const lines = (text) => text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
function write(gate, name, records) {
  const file = path.join(gate.dir, name);
  fs.writeFileSync(file, records.map((record) => `${typeof record === "string" ? record : JSON.stringify(record)}\n`).join(""));
  return file;
}
const exported = async (gate, ...args) => lines((await gate.do("export", ...args)).stdout);
const journal = async (gate) => (await gate.do("check", "--json")).json.journal;

test("apply", async (t) => {
  const gate = await Gate.make(t);

  await t.test("makes what is new, with a secret that logs in", async () => {
    const file = write(gate, "new.jsonl", [
      { name: "shop", tags: ["team=a"], ...kMay },
      { name: "alice", kind: "password", tags: ["team=a"], ...kMay },
      { name: "token", kind: "token", tags: ["team=b"], ...kMay },
      { name: "nkey", kind: "nkey", ...kMay },
      { name: "creds", kind: "creds", ...kMay },
      { name: "known", public_key: createUser().getPublicKey(), ...kMay },
    ]);
    const before = await journal(gate);
    const plan = await gate.do("apply", file, "--dry-run");
    assert.match(plan.stdout, /^\+ shop \(key in APP\)\n {4}.*capabilities: publish; subjects: orders\.>/m);
    assert.match(plan.stdout, /\n6 to create, 0 to update, 0 to revoke, 0 unchanged\n$/);
    const without = await gate.command("apply", file);
    assert.equal(without.code, kUsage);
    assert.match(without.stderr, /add --out FILE/);
    assert.equal(await journal(gate), before);

    const out = path.join(gate.dir, "secrets.jsonl");
    const done = await gate.do("apply", file, "--out", out);
    assert.match(done.stdout, /applied: 6 created, 0 updated, 0 revoked/);
    assert.equal(fs.statSync(out).mode & 0o777, 0o600);
    const made = Object.fromEntries(lines(fs.readFileSync(out, "utf8")).map((one) => [one.name, one]));
    assert.deepEqual(Object.keys(made), ["shop", "alice", "token", "nkey", "creds"]);
    await gate.admitted({ user: made.shop.id, pass: made.shop.secret });
    await gate.admitted({ user: made.alice.login, pass: made.alice.secret });
    await gate.admitted({ token: made.token.token });
    await gate.admitted({ id: made.nkey.id, seed: made.nkey.seed });
    assert.match(made.creds.creds, /BEGIN NATS USER JWT/);
    assert.equal((await gate.do("history", "shop", "--json")).json[0].reason, `apply ${file}`);
  });

  await t.test("the second time changes and writes nothing", async () => {
    const before = await journal(gate);
    const done = await gate.do("apply", path.join(gate.dir, "new.jsonl"), "--out", path.join(gate.dir, "secrets.jsonl"));
    assert.equal(done.stdout, "0 to create, 0 to update, 0 to revoke, 6 unchanged\n");
    assert.equal(await journal(gate), before);
  });

  await t.test("an export, with and without hashes, changes nothing", async () => {
    for (const args of [[], ["--with-hashes"]]) {
      const file = write(gate, "all.jsonl", await exported(gate, ...args));
      assert.match((await gate.do("apply", file)).stdout, /^0 to create, 0 to update, 0 to revoke, 6 unchanged\n$/);
    }
  });

  await t.test("edits are shown, and made as they are shown", async () => {
    const records = await exported(gate);
    const shop = records.find(({ name }) => name === "shop");
    Object.assign(shop, { name: "store", subjects: ["orders.eu.>"], status: "suspended" });
    delete records.find(({ name }) => name === "alice").tags;
    const file = write(gate, "edited.jsonl", records);
    const plan = await gate.do("apply", file, "--dry-run", "--json");
    assert.deepEqual(plan.json.steps.map(({ action, name }) => `${action} ${name}`).sort(), ["update alice", "update store"]);
    const { fields } = plan.json.steps.find(({ name }) => name === "store");
    assert.deepEqual(fields, {
      name: { before: "shop", after: "store" },
      status: { before: "active", after: "suspended" },
      subjects: { before: ["orders.>"], after: ["orders.eu.>"] },
    });
    assert.match((await gate.do("apply", file)).stdout, /^~ shop \(CG\w+ in APP\)\n(?: {4}.*\n)* {4}subjects: orders\.> → orders\.eu\.>\n/m);
    assert.deepEqual((await gate.do("history", "store", "--json")).json.map(({ action }) => action), ["create", "suspend", "update"]);
    const secret = lines(fs.readFileSync(path.join(gate.dir, "secrets.jsonl"), "utf8"))[0];
    await gate.denied({ user: secret.id, pass: secret.secret }, "suspended");
    // A line that says nothing of the status lets nobody in again.
    delete shop.status;
    const silent = write(gate, "silent.jsonl", [shop]);
    assert.match((await gate.do("apply", silent)).stdout, /0 to update, 0 to revoke, 1 unchanged/);
    await gate.do("apply", write(gate, "active.jsonl", [{ ...shop, name: "shop", status: "active" }]));
    await gate.admitted({ user: secret.id, pass: secret.secret });
  });

  await t.test("--prune revokes what the scope has and the file lacks, and nothing else", async () => {
    await gate.do("update", "alice", "--tag", "team=a");
    const records = (await exported(gate)).filter(({ name }) => name === "shop");
    const file = write(gate, "pruned.jsonl", records);
    const args = ["apply", file, "--tag", "team=a", "--prune"];
    assert.match((await gate.do(...args, "--dry-run")).stdout, /^- alice \(CG\w+ in APP\)\n0 to create, 0 to update, 1 to revoke, 1 unchanged\n$/);
    const unasked = await gate.command(...args);
    assert.deepEqual([unasked.code, /pass --yes/.test(unasked.stderr)], [kUsage, true]);
    assert.match((await gate.do(...args, "--yes")).stdout, /applied: 0 created, 0 updated, 1 revoked/);
    assert.deepEqual((await exported(gate)).map(({ name }) => name).sort(), ["creds", "nkey", "known", "shop", "token"].sort());
    const everything = await gate.command("apply", file, "--prune", "--yes");
    assert.deepEqual([everything.code, /--prune needs --account or --tag/.test(everything.stderr)], [kUsage, true]);
    // A key alone would be every value of it.
    const half = await gate.command("apply", file, "--tag", "team", "--prune", "--yes");
    assert.deepEqual([half.code, /--tag: must be KEY=VALUE/.test(half.stderr)], [kUsage, true]);
  });

  const shop = (await exported(gate)).find(({ name }) => name === "shop");
  const known = (await exported(gate)).find(({ name }) => name === "known");
  const revoked = (await gate.do("list", "--all", "--json")).json.find(({ name }) => name === "alice");
  const rows = [
    ["no JSON", "nonsense", /:2: must be one JSON object/],
    ["an unknown member", { ...shop, colour: 1 }, /:2: colour: unknown key/],
    ["no name", { ...shop, name: undefined }, /:2: name: is missing/],
    ["two lines of one name", { ...shop, id: undefined, name: "first" }, /:2: name: is also that of .*:1/],
    ["a record that may not be stored", { ...shop, subjects: ["a..b"] }, /:2: subjects: "a\.\.b"/],
    ["another kind", { ...shop, kind: "token" }, /:2: kind: must be key/],
    ["a name that is taken", { ...shop, name: "token" }, /:2: name: is taken by CG/],
    ["another public key", { ...known, secrets: undefined, public_key: createUser().getPublicKey() }, /:2: public_key: is not that of CG/],
    ["one that was revoked", { ...shop, id: revoked.id, kind: "password", name: "x" }, /:2: id: CG\w+ was revoked/],
    ["what is out of scope", { ...shop, account: "OTHER" }, /:2: account: must be APP/],
    ["a line without an end", { ...shop, reason: "x".repeat(1 << 20) }, /:2: is longer than 1 MiB/],
    ["a certificate that nobody gave", { name: "edge", kind: "cert", ...kMay }, /:2: fingerprint: is missing/],
  ];
  const first = { name: "first", token: "of old", ...kMay };
  for (const [what, line, message] of rows) {
    await t.test(`${what}: the line is named, and nothing is changed`, async () => {
      const before = await journal(gate);
      const done = await gate.command("apply", write(gate, "bad.jsonl", [first, line]), "--account", "APP", "--prune", "--yes");
      assert.equal(done.code, kUsage, done.stderr);
      assert.match(done.stderr, message);
      assert.match(done.stderr, /1 of 2 lines were refused; nothing was changed/);
      assert.equal(await journal(gate), before);
    });
  }

  await t.test("a file that is there is not written over by --out, and nothing is changed", async () => {
    const before = await journal(gate);
    const out = path.join(gate.dir, "secrets.jsonl");
    const done = await gate.command("apply", write(gate, "late.jsonl", [{ name: "late", ...kMay }]), "--out", out);
    assert.equal(done.code, kConflict);
    assert.equal(await journal(gate), before);
  });

  await t.test("what somebody changes after the plan is a conflict, and the rest is made", async () => {
    const pipe = path.join(gate.dir, "lines");
    assert.equal((await run("mkfifo", [pipe])).code, kDone);
    const records = await exported(gate);
    const [first, second] = ["shop", "token"].map((name) => records.find((record) => record.name === name));
    let round = 0;
    // The plan compares a line as it reads it; where the change came first, it is part of the plan.
    const done = await until("the change is made after the line was compared", async () => {
      ++round;
      const applying = run(credgate, ["apply", pipe, "--config", gate.config]);
      const lines = await fs.promises.open(pipe, "w");
      await lines.write(`${JSON.stringify({ ...first, subjects: [`orders.${round}`] })}\n`);
      await gate.do("update", "shop", "--tag", `round=${round}`);
      await lines.write(`${JSON.stringify({ ...second, subjects: [`orders.${round}`] })}\n`);
      await lines.close();
      const ended = await applying;
      return ended.code === kConflict && ended;
    });
    assert.match(done.stderr, /lines:1: shop \(CG\w+\): CG\w+ is at revision \d+, not \d+/);
    assert.match(done.stderr, /1 of 2 changes were not made/);
    assert.match(done.stdout, /applied: 0 created, 1 updated, 0 revoked/);
    assert.deepEqual((await gate.do("show", "token", "--json")).json.subjects, [`orders.${round}`]);
    assert.deepEqual((await gate.do("show", "shop", "--json")).json.tags, [`round=${round}`]);
  });

  await t.test("a file whose name cannot be printed is applied, and the journal leaves it out", async () => {
    const file = write(gate, "odd\u0007.jsonl", [{ name: "odd", token: "odd", ...kMay }]);
    await gate.do("apply", file);
    await gate.do("import", write(gate, "odd\u0007import.jsonl", [{ name: "odd2", token: "odd2", ...kMay }]));
    const reasons = (await gate.do("history", "--json")).json.slice(-2).map(({ reason }) => reason);
    assert.deepEqual(reasons, ["apply", "import"]);
  });

  await t.test("in an empty store an export makes the same credentials", async (t) => {
    const other = await Gate.make(t, { start: false });
    fs.copyFileSync(path.join(gate.dir, "keys/master.key"), path.join(other.dir, "keys/master.key"));
    const all = await exported(gate, "--with-hashes");
    const done = await other.command("apply", write(other, "all.jsonl", all));
    assert.equal(done.code, kDone, done.stderr);
    assert.deepEqual((await exported(other, "--with-hashes")).sort((a, b) => a.id.localeCompare(b.id)), all.sort((a, b) => a.id.localeCompare(b.id)));
  });
});

test("apply makes, changes and deletes roles, and is the inverse of export with them", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const role = (name, more) => ({ role: { name, ...kMay, ...more } });
  const shop = { name: "shop", token: "of shop", roles: ["ops"], ...kMay };
  const first = [role("ops"), role("old"), shop];
  assert.match((await gate.do("apply", write(gate, "a.jsonl", first))).stdout, /; roles: 2 to create, 0 to update, 0 to delete, 0 unchanged\napplied: 1 created, 0 updated, 0 revoked, 2 roles changed\n$/);
  const all = await exported(gate, "--with-hashes");
  assert.deepEqual(all.map((line) => line.role?.name ?? line.name), ["old", "ops", "shop"]);
  const before = await journal(gate);
  assert.match((await gate.do("apply", write(gate, "all.jsonl", all), "--account", "APP", "--prune")).stdout, /^0 to create, 0 to update, 0 to revoke, 1 unchanged; roles: 0 to create, 0 to update, 0 to delete, 2 unchanged\n$/);
  assert.equal(await journal(gate), before);

  const edited = write(gate, "b.jsonl", [role("ops", { subjects: ["orders.eu.>"] }), all[2]]);
  const plan = await gate.do("apply", edited, "--account", "APP", "--prune", "--dry-run");
  assert.match(plan.stdout, /^~ role ops \(in APP\)\n {4}subjects: orders\.> → orders\.eu\.>\n- role old \(in APP\)\n/);
  await gate.do("apply", edited, "--account", "APP", "--prune", "--yes");
  assert.deepEqual((await exported(gate)).map((line) => line.role?.subjects ?? line.name), [["orders.eu.>"], "shop"]);
  assert.deepEqual((await gate.do("history", "--json")).json.map(({ action }) => action), ["create_role", "create_role", "create", "update_role", "delete_role"]);
  assert.match((await gate.do("history")).stdout, /update_role .*\n.*\n +subjects: orders\.> → orders\.eu\.>/);

  const rows = [
    ["a role that is nowhere", [{ ...shop, name: "x", token: "x", roles: ["none"] }], /:1: roles: there is no role "none" in account APP/],
    ["a role below who is changed by it", [{ ...shop, token: undefined }, role("ops")], /:2: role: must stand before the lines that name it/],
    ["a role twice", [role("ops"), role("ops")], /:2: role\.name: is also that of .*:1/],
    ["a role that may not be", [role("a.b")], /:1: role\.name: /],
    ["a member beside it", [{ ...role("x"), name: "x" }], /:1: role: must be the only member/],
  ];
  for (const [what, lines, message] of rows) {
    const done = await gate.command("apply", write(gate, "bad.jsonl", lines));
    assert.equal(done.code, kUsage, what);
    assert.match(done.stderr, message);
  }
  assert.deepEqual((await gate.do("check", "--deep", "--json")).code, kDone);
});
