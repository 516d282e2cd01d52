// What is dangerous about a record, or cannot work, is said by whichever way the record comes: each
// warning by each way. docs_agree.test.mjs has the list of the warnings.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { adminOf, ask, gateWithAdmins } from "./support/admins.mjs";
import { run } from "./support/processes.mjs";
import { credgate } from "./support/programs.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const kRecord = { capabilities: ["publish", "receive"], subjects: ["orders.>"], inbox: "private" };
const kPast = "2020-01-01T00:00:00Z";

// [the warning, options, members of a record, members that update sets where they have another form]
const kRows = [
  [/^expires_at: is in the past/, ["--expires", kPast], { expires_at: kPast }],
  [/^regions: the credential lets nobody in here, because this gateway has no `region`/, ["--region", "eu"], { regions: ["eu"] }],
  [/^everything: the credential may use every subject/, ["--everything", "--subjects", ""], { everything: true, subjects: [] }],
  [/^manage: one stream gives access to all/, ["--manage", "--streams", "ORDERS"], { capabilities: ["publish", "receive", "manage"], streams: ["ORDERS"] }, { capabilities: { manage: true }, streams: ["ORDERS"] }],
  [/^shared inbox: the credential can read the replies/, ["--shared-inbox"], { inbox: "shared" }],
  [/^allow_responses: the sender of a request chooses/, ["--allow-responses"], { allow_responses: true }],
  [/^LEAFNODE: before nats-server 2\.11\.16/, ["--connection-types", "LEAFNODE"], { connection_types: ["LEAFNODE"] }],
  [/^streams: the client chooses the subject/, ["--streams", "ORDERS"], { streams: ["ORDERS"] }],
  [/^subscribe: the credential can read private inboxes/, ["--allow-sub", ">"], { permissions: { subscribe: { allow: [">"] } } }],
  [/^publish: the credential can forge replies/, ["--allow-pub", "_CG.>"], { permissions: { publish: { allow: ["_CG.>"] } } }],
  [/^publish: the credential can make or change streams/, ["--allow-pub", "$JS.API.>"], { permissions: { publish: { allow: ["$JS.API.>"] } } }],
];
const kWeak = /^password: has fewer than 8 characters/;

const told = ({ stdout, stderr }) => {
  const lines = [...stderr.matchAll(/^warning: (.*)$/gm)].map(([, line]) => line);
  const { warnings } = JSON.parse(stdout);
  assert.deepEqual(lines, [], "with --json nothing is said on standard error");
  return warnings ?? [];
};
const assertTold = (warnings, pattern, where) => assert.ok((warnings ?? []).some((warning) => pattern.test(warning)), `${where}: ${JSON.stringify(warnings)}`);

test("each warning, by each way", async (t) => {
  const gate = await gateWithAdmins(t);
  const connection = await gate.connect(t, adminOf(gate, "editor"));
  const local = async (...args) => told(await gate.do(...args, "--json"));
  const remote = async (...args) => told(await run(credgate, [...args, "--context", path.join(gate.init.admins, "editor.json"), "--json"]));
  const file = (name, text) => {
    fs.writeFileSync(path.join(gate.dir, name), text);
    return path.join(gate.dir, name);
  };
  let number = 0;
  const name = () => `c${(number += 1)}`;
  const fingerprint = () => `sha256:${(number += 1).toString(16).padStart(64, "0")}`;
  const plain = async () => (await gate.create(name(), ...kTraffic)).id;

  await t.test("a plain record is not warned of", async () => {
    assert.deepEqual(await local("create", name(), ...kTraffic), []);
    assert.deepEqual(await local("update", await plain(), "--tag", "a=b"), []);
    const { stderr } = await gate.do("import", file("plain.jsonl", JSON.stringify({ name: name(), fingerprint: fingerprint(), ...kRecord })));
    assert.equal(stderr, "");
  });
  for (const [pattern, options, members, set = members] of kRows) {
    const warning = pattern.source.slice(1).split(":")[0];
    await t.test(`${warning}, when it is created and when it is imported`, async () => {
      const whole = warning === "everything" ? ["--publish", "--receive", ...options] : [...kTraffic, ...options];
      assertTold(await local("create", name(), ...whole), pattern, "create here");
      assertTold(await remote("create", name(), ...whole, "--account", "APP"), pattern, "create over NATS by the command");
      const made = await ask(connection, "create.APP", { credential: { name: name(), kind: "key", ...kRecord, ...members } });
      assertTold(made.warnings, pattern, "create over NATS");
      const line = JSON.stringify({ name: name(), fingerprint: fingerprint(), ...kRecord, ...members });
      const inJson = (await gate.do("import", file("one.jsonl", line), "--json")).json.warnings;
      assertTold(inJson.map((text) => text.replace(/^\S+one\.jsonl:1: /, "")), pattern, "import");
    });
    await t.test(`${warning}, when it is changed, rotated and resumed`, async () => {
      assertTold(await local("update", await plain(), ...options), pattern, "update here");
      assertTold(await remote("update", await plain(), ...options), pattern, "update over NATS by the command");
      const id = await plain();
      assertTold((await ask(connection, "update.APP", { credential: id, set })).warnings, pattern, "update over NATS");
      assertTold(await local("rotate", id), pattern, "rotate");
      assertTold(await local("resume", id), pattern, "resume");
    });
  }
  await t.test("a short password", async () => {
    const weak = file("weak", "geheim7\n");
    const password = ["--kind", "password", "--password-file", weak];
    assertTold(await local("create", name(), ...kTraffic, ...password), kWeak, "create here");
    assertTold(await remote("create", name(), ...kTraffic, ...password, "--account", "APP"), kWeak, "create over NATS by the command");
    const credential = name();
    const body = (proof) => ({ credential: { name: name(), kind: "password", ...kRecord }, proof });
    const made = await ask(connection, "create.APP", body({ login: `APP.${credential}`, password: "a" }));
    assert.equal(made.error, undefined);
    assertTold(made.warnings, kWeak, "create over NATS");
    assert.equal((await ask(connection, "create.APP", body({ login: `APP.${name()}`, password: "" }))).error.code, "usage");
    assertTold(await local("rotate", (await gate.create(name(), ...kTraffic, "--kind", "password")).id, "--password-file", weak), kWeak, "rotate");
    const { stderr } = await gate.do("import", file("weak.jsonl", [1, 2, 3].map(() => JSON.stringify({ name: name(), password: "abc", ...kRecord })).join("\n")));
    assert.match(stderr, /^warning: \S+weak\.jsonl:1 and 2 more: password: has fewer than 8 characters/m);
    assert.deepEqual(await local("create", name(), ...kTraffic, "--kind", "password", "--password-file", file("good", "ünbekän7\n")), []);
  });
});
