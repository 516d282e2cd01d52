// Damaged pages of the store, on real daemons and commands: said in a sentence, and nobody is let in by them.
// tests/faults/damage.mjs does the same to every page.

import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";
import { Gate } from "../support/gate.mjs";
import { run } from "../support/processes.mjs";
import { credgate } from "../support/programs.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const kConfiguration = 78;
const kPage = 4096;

// Source: mdb.c of LMDB 0.9.24, MDB_meta, MDB_db, MDB_page, MDB_node.
class Image {
  constructor(gate) {
    this.file = gate.store("data.mdb");
    this.bytes = fs.readFileSync(this.file);
    const newer = this.txn(1) > this.txn(0) ? 1 : 0;
    this.newer = newer;
    this.tables = this.number(newer * kPage + 16 + 24 + 48 + 40);
  }
  number(at) {
    return Number(this.bytes.readBigUInt64LE(at));
  }
  txn(meta) {
    return this.number(meta * kPage + 144);
  }
  // Of a page: where each of its nodes begins, with the key.
  nodes(page) {
    const base = page * kPage;
    const count = (this.bytes.readUInt16LE(base + 12) - 16) / 2;
    return Array.from({ length: count }, (_, i) => {
      const at = base + this.bytes.readUInt16LE(base + 16 + 2 * i);
      return { at, key: this.bytes.toString("latin1", at + 8, at + 8 + this.bytes.readUInt16LE(at + 6)) };
    });
  }
  root(table) {
    const { at, key } = this.nodes(this.tables).find((node) => node.key === table);
    const tree = at + 8 + key.length;
    return { page: this.number(tree + 40), depth: this.bytes.readUInt16LE(tree + 6) };
  }
  // The leaf of a table of two levels that has a key, or the last.
  leaf(table, key) {
    const { page, depth } = this.root(table);
    assert.equal(depth, 2, `${table} has two levels`);
    const child = key === undefined ? this.nodes(page).at(-1) : this.nodes(page).findLast((node, i) => i === 0 || node.key <= key);
    return this.bytes.readUInt32LE(child.at);
  }
  // Writes noise over all of a page, into the file that is there: its inode stays.
  spoil(page) {
    this.write(page * kPage, Buffer.alloc(kPage, 0xa5));
  }
  write(at, bytes) {
    const fd = fs.openSync(this.file, "r+");
    fs.writeSync(fd, bytes, 0, bytes.length, at);
    fs.closeSync(fd);
  }
}

// With tables of more than one page.
async function filled(t) {
  const gate = await Gate.make(t, { timeout: 1 });
  gate.first = await gate.create("first", ...kTraffic);
  gate.till = await gate.create("till", ...kTraffic);
  for (let n = 0; n < 24; n += 4) {
    await Promise.all([n, n + 1, n + 2, n + 3].map((i) => gate.do("create", `n${i}`, ...kTraffic)));
  }
  await gate.do("revoke", "till", "--yes");
  await gate.denied(gate.till, "revoked");
  await gate.admitted(gate.first);
  return gate;
}

async function assertRefused(gate, pattern, commands) {
  for (const args of commands) {
    const done = await run(credgate, [...args, "--config", gate.config]);
    assert.equal(done.code, kConfiguration, `${args[0]}: ${done.stdout}${done.stderr}`);
    assert.match(done.stderr, pattern);
    assert.match(done.stderr, /credgate check --deep, and restore it from a backup/);
  }
}

async function assertDeepFinds(gate, pattern) {
  const deep = await gate.command("check", "--deep");
  assert.equal(deep.code, 1, deep.stderr);
  assert.match(deep.stdout, pattern);
  assert.match(deep.stderr, /^credgate: .*the store is damaged; restore it from a backup$/m);
}

test("a damaged page of records under a daemon denies those on it, and nobody else", async (t) => {
  const gate = await filled(t);
  const leafOf = (who) => new Image(gate).leaf("credentials", who.id);
  let apart;
  do apart = await gate.create(`apart${Math.random()}`, ...kTraffic);
  while (leafOf(apart) === leafOf(gate.first));
  const spoilt = leafOf(gate.first);
  new Image(gate).spoil(spoilt);
  await gate.denied(gate.first, "internal");
  await gate.gateway.line(new RegExp(`event=fault error="[^"]*page ${spoilt} of the table credentials is damaged`));
  await gate.admitted(apart);
  const damage = new RegExp(`page ${spoilt} of the table credentials is damaged: it says that it is page`);
  await assertRefused(gate, damage, [["show", gate.first.id], ["list"], ["revoke", gate.first.id, "--yes"], ["export"]]);
  await assertDeepFinds(gate, damage);
  await gate.do("revoke", apart.name, "--yes"); // what leads elsewhere is done
  await gate.denied(apart, "revoked");
  await gate.gateway.stop();
  await gate.startGateway();
  await gate.refused(gate.till);
  await gate.denied(gate.first, "internal");
});

for (const table of ["credentials", "logins", "names", "journal", "usage", "requests", "meta", "roles", "members"]) {
  test(`with a damaged first page of the table ${table} nothing is served`, async (t) => {
    const gate = await Gate.make(t, { start: false });
    await gate.do("create", "shop", "--request-id", "r1", "--kind", "nkey", ...kTraffic);
    const roles = `${gate.dir}/roles.jsonl`;
    const may = { capabilities: ["publish"], subjects: ["orders.>"] };
    fs.writeFileSync(roles, `${JSON.stringify({ role: { name: "ops", ...may } })}\n${JSON.stringify({ name: "member", token: "of member", roles: ["ops"] })}\n`);
    await gate.do("import", roles);
    if (table === "usage") {
      await gate.startServer();
      await gate.startGateway();
      await gate.admitted(await gate.create("till", ...kTraffic));
      await gate.gateway.stop(); // which records the use
    }
    const image = new Image(gate);
    const { page } = image.root(table);
    image.spoil(page);
    const damage = new RegExp(`page ${page} of the table ${table} is damaged`);
    await assertRefused(gate, damage, [["serve"], ["check"], ["list"], ["show", "shop"], ["create", "more", ...kTraffic], ["revoke", "shop", "--yes"], ["history", "--verify"], ["export"]]);
    await assertDeepFinds(gate, damage);
  });
}

test("a damaged list of free pages is not said to be read, and no change is made over it", async (t) => {
  const gate = await Gate.make(t, { start: false });
  for (const name of ["shop", "till"]) await gate.do("create", name, ...kTraffic);
  const image = new Image(gate);
  const free = image.number(image.newer * kPage + 16 + 24 + 40);
  image.spoil(free);
  const damage = new RegExp(`page ${free} of the list of free pages is damaged`);
  await assertRefused(gate, damage, [["serve"], ["check"], ["revoke", "shop", "--yes"]]);
  await assertDeepFinds(gate, damage);
});

test("damage where the journal grows ends a running daemon, which nobody gets past", async (t) => {
  const gate = await filled(t);
  const image = new Image(gate);
  const page = image.leaf("journal");
  image.spoil(page);
  const { code } = await gate.gateway.ended;
  assert.equal(code, 1);
  assert.match(gate.gateway.log, new RegExp(`event=store_lost error="[^"]*page ${page} of the table journal is damaged`));
  await assertRefused(gate, new RegExp(`page ${page} of the table journal is damaged`), [["serve"], ["revoke", "first", "--yes"], ["history", "--verify"]]);
  await gate.refused(gate.till);
});

// The newest commit is undone: whoever it revoked is active in what is left.
for (const [what, by, pattern] of [
  ["out of turn", 1n, /the meta pages do not follow each other/],
  ["in turn", 2n, /went back in time: its journal ends at entry \d+, but entry \d+ is noted/],
]) {
  test(`four bytes of a meta page, ${what}, that undo the last revocation are found`, async (t) => {
    const gate = await Gate.make(t, { start: false });
    await gate.startServer();
    gate.till = await gate.create("till", ...kTraffic);
    await gate.do("revoke", "till", "--yes");
    const image = new Image(gate);
    const older = Buffer.alloc(8);
    older.writeBigUInt64LE(BigInt(image.txn(image.newer)) - by);
    image.write(image.newer * kPage + 144, older.subarray(0, 4));
    for (const args of [["serve"], ["check"], ["revoke", "till", "--yes"]]) {
      const done = await run(credgate, [...args, "--config", gate.config]);
      assert.equal(done.code, kConfiguration, `${args[0]}: ${done.stdout}${done.stderr}`);
      assert.match(done.stderr, pattern);
    }
    await assertDeepFinds(gate, pattern);
  });
}
