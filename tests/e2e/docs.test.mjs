// What the pages of doc/ tell people to type is typed here, in that order, and does what they say.
// The two long ones have files of their own: docs_migration and docs_runbook.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { clientsOf, Machine, Page } from "./support/pages.mjs";
import { assertMayNotPublish } from "./support/permissions.mjs";
import { root } from "./support/programs.mjs";
import { until } from "./support/waiting.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const onReady = (name, play) =>
  test(name, async (t) => {
    const page = new Page(name);
    const machine = await Machine.ready(t);
    await play({ page, machine, gate: clientsOf(machine), t });
    page.end();
  });

onReady("import.md", async ({ page, machine, gate }) => {
  fs.writeFileSync(path.join(machine.dir, "root/users.jsonl"), '{"name":"ann","password":"wonderland","capabilities":["receive"],"subjects":["news.>"]}\n');
  fs.writeFileSync(machine.nodes[0].config, 'authorization { user: bob, password: "underground" }\n');
  const { stdout } = await machine.sh(page.next("credgate import"));
  assert.match(stdout, /imported 1 of 1[^]*imported 1 of 1/);
  await gate.admitted({ user: "ann", pass: "wonderland" });
  await gate.admitted({ user: "bob", pass: "underground" });
  assert.match(fs.readFileSync(path.join(machine.dir, "root/all.jsonl"), "utf8"), /"name":"bob"/);
});

onReady("apply.md", async ({ page, machine, gate }) => {
  await gate.create("shop", ...kTraffic);
  const { stdout } = await machine.sh(page.next("credgate export"));
  assert.match(stdout, /(0 to create, 0 to update, 0 to revoke, [1-9]\d* unchanged\n){2}$/);
});

onReady("admin-service.md", async ({ page, machine, gate }) => {
  const { stdout } = await machine.sh(page.next("credgate --context"));
  assert.match(stdout, /shop +key +APP +active[^]*"shop" revoked/);
  await machine.sh(page.next("credgate create tenant"));
  assert.equal((await gate.do("show", "tenant", "--json")).json.account, "ADMIN");
});

onReady("sigv4.md", async ({ page, machine, gate }) => {
  const { stdout } = await machine.sh(page.next("credgate create shop"));
  assert.match(stdout, /AWS_ACCESS_KEY_ID=CG[A-Z2-7]{18}\n +AWS_SECRET_ACCESS_KEY=[\w-]{40}\n/);
  assert.equal((await gate.do("show", "proxy", "--json")).json.account, "ADMIN");
});

onReady("keys.md", async ({ page, machine, gate }) => {
  const shop = await gate.create("shop", ...kTraffic);
  const isReady = () => until("clients can be let in", async () => (await machine.readyz()) === 200);
  const before = (await machine.sh("credgate keys list")).stdout.match(/\b[AX][A-Z2-7]{55}\b/g);
  await machine.sh(page.next("credgate keys add issuer"));
  await isReady();
  await gate.admitted(shop);
  await machine.sh(page.next("key()"));
  await machine.gateway.line(/event=ready/);
  await until("the server came back", () => gate.admitted(shop).then(() => true, () => false));
  await machine.sh(page.next("credgate keys retire issuer"));
  await isReady();
  await gate.admitted(shop);
  const config = fs.readFileSync(machine.nodes[0].config, "utf8");
  for (const key of before) assert.ok(!config.includes(key) && !machine.gateway.log.includes(key));

  await machine.sh(page.next("credgate keys add master"));
  await machine.sh(page.next("credgate keys promote master"));
  await isReady();
  const retire = page.next("credgate keys retire master");
  await machine.sh(retire, { code: 5 });
  for (const admin of ["viewer", "editor", "security-officer"]) await gate.do("rotate", admin, "--overlap", "0");
  await gate.admitted(shop);
  await machine.gateway.line(/event=rehashed/);
  await machine.sh(retire);
  await isReady();
  const rotated = await machine.sh(page.next("credgate rotate shop"));
  await gate.admitted(shop);
  await gate.admitted({ ...shop, secret: /^ +secret +(\S+)$/m.exec(rotated.stdout)[1] });
});

onReady("store.md", async ({ page, machine }) => {
  const checked = await machine.sh(page.next("credgate check"));
  assert.match(checked.stdout, /all read[^]*head +\d+:/);
  await machine.sh(page.next("credgate backup"));
  assert.ok(fs.statSync(path.join(machine.dir, "backups/credgate.backup")).size > 0);
  assert.match((await machine.sh(page.next("credgate history --prune"))).stdout, /removed 0 entries/);
});

onReady("sessions.md", async ({ page, machine, gate, t }) => {
  const shop = await gate.create("shop", ...kTraffic);
  const connection = await gate.connect(t, shop);
  const listed = await machine.sh(page.next("credgate sessions"));
  assert.match(listed.stdout, /127\.0\.0\.1/);
  await connection.closed();
  await assertMayNotPublish(await gate.connect(t, shop), "orders.1");
  assert.equal((await gate.do("show", "shop", "--json")).json.max_sessions, 5);
});

test("commands are in pages that are tested", () => {
  const tested = fs.readdirSync(path.join(root, "tests/e2e")).filter((name) => /^(docs.*|tutorial)\.test\.mjs$/.test(name))
    .map((name) => fs.readFileSync(path.join(root, "tests/e2e", name), "utf8")).join();
  for (const name of fs.readdirSync(path.join(root, "doc")).filter((name) => name.endsWith(".md"))) {
    const text = fs.readFileSync(path.join(root, "doc", name), "utf8");
    if (/^ *```sh$/m.test(text)) assert.ok(tested.includes(`"${name}"`), `doc/${name} has blocks of commands that no test runs`);
  }
});
