// Whoever can put an older copy of the store in its place brings back who was revoked since. Five ways to
// do it, on a real daemon: nobody is let in on it, and it is said.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { Gate } from "../support/gate.mjs";
import { run } from "../support/processes.mjs";
import { credgate } from "../support/programs.mjs";
import { until } from "../support/waiting.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const kConfiguration = 78;
const kPage = 4096;

// Into the file that is there: its inode stays.
function writeOver(file, bytes, at = 0) {
  const fd = fs.openSync(file, "r+");
  fs.writeSync(fd, bytes, 0, bytes.length, at);
  fs.closeSync(fd);
}

// A gate on which `till` was revoked, and what the store's directory was before.
async function revoked(t, options) {
  const gate = await Gate.make(t, { timeout: 1, ...options });
  gate.shop = await gate.create("shop", ...kTraffic);
  gate.till = await gate.create("till", ...kTraffic);
  await gate.admitted(gate.till);
  gate.copy = path.join(gate.dir, "copy");
  fs.mkdirSync(gate.copy);
  const copied = await run("mdb_copy", [gate.store(""), gate.copy]);
  assert.equal(copied.code, 0, copied.stderr);
  fs.copyFileSync(gate.store("lock.mdb"), path.join(gate.copy, "lock.mdb"));
  await gate.do("revoke", "till", "--reason", "stolen", "--yes");
  await gate.denied(gate.till, "revoked");
  return gate;
}

// The daemon ends by itself, as it does for files that were replaced, and lets nobody in before.
async function assertEnds(gate, pattern) {
  await gate.refused(gate.till);
  const { code } = await gate.gateway.ended;
  assert.equal(code, 1);
  assert.match(gate.gateway.log, pattern);
  assert.equal(gate.gateway.lines(/event=granted .*name="till"/).length, 1, "once, before it was revoked");
}

// Neither a daemon nor a command takes the store, and those that read say so.
async function assertRefused(gate, pattern = /went back in time: its journal ends at entry 2, but entry 3 is noted in \S+store\.head/) {
  for (const args of [["serve"], ["check"], ["create", "more", ...kTraffic], ["revoke", "shop", "--yes"]]) {
    const done = await run(credgate, [...args, "--config", gate.config]);
    assert.equal(done.code, kConfiguration, `${args[0]}: ${done.stdout}${done.stderr}`);
    assert.match(done.stderr, pattern);
    assert.match(done.stderr, /credgate restore --accept-older/);
  }
  for (const args of [["check", "--deep"], ["history", "--verify"]]) {
    const done = await gate.command(...args);
    assert.equal(done.code, 1, args[0]);
    assert.match(done.stdout, pattern);
  }
  const listed = await gate.command("list");
  assert.equal(listed.code, 0);
  assert.match(listed.stderr, pattern);
}

// Taken on purpose, it lets in whom it should.
async function assertAccepted(gate) {
  const { json } = await gate.do("restore", "--accept-older", "--json");
  assert.deepEqual(json.revoked, [{ id: gate.till.id, name: "till", sequence: 3 }]);
  assert.equal(json.complete, true);
  await gate.startGateway();
  await gate.denied(gate.till, "revoked");
  await gate.admitted(gate.shop);
  for (const args of [["check", "--deep"], ["history", "--verify"]]) await gate.do(...args);
}

for (const [what, writeCopy] of [
  ["over the data file of a running daemon", (gate) => writeOver(gate.store("data.mdb"), fs.readFileSync(path.join(gate.copy, "data.mdb")))],
  [
    "over the data file and the lock table of a running daemon",
    (gate) => {
      for (const file of ["data.mdb", "lock.mdb"]) writeOver(gate.store(file), fs.readFileSync(path.join(gate.copy, file)));
    },
  ],
]) {
  test(`an older copy that is written ${what} ends it`, async (t) => {
    const gate = await revoked(t);
    const live = await gate.connect(t, gate.shop);
    writeCopy(gate);
    await assertEnds(gate, /event=store_lost error="[^"]*data\.mdb went back in time/);
    await live.flush(); // open connections stay
    await assertRefused(gate);
    await assertAccepted(gate);
  });
}

test("an older copy that cp writes over the data file ends the daemon", async (t) => {
  const gate = await revoked(t);
  // It cuts the file to nothing first; whoever reads then is ended by that.
  const done = await run("cp", [path.join(gate.copy, "data.mdb"), gate.store("data.mdb")]);
  assert.equal(done.code, 0);
  await assertEnds(gate, /data\.mdb went back in time|data file is too short/);
  await assertRefused(gate);
});

test("an older copy that is put in place while no daemon runs is not served", async (t) => {
  const gate = await revoked(t);
  await gate.gateway.stop();
  fs.cpSync(gate.copy, gate.store(""), { recursive: true });
  await assertRefused(gate);
  await gate.refused(gate.till);
  await assertAccepted(gate);
});

for (const [what, rename] of [
  ["file", (gate) => fs.renameSync(path.join(gate.copy, "data.mdb"), gate.store("data.mdb"))],
  [
    "directory",
    (gate) => {
      fs.renameSync(gate.store(""), path.join(gate.dir, "away"));
      fs.renameSync(gate.copy, gate.store(""));
    },
  ],
]) {
  test(`an older ${what} that is renamed into place ends the daemon, and the next is refused`, async (t) => {
    const gate = await revoked(t);
    rename(gate);
    await assertEnds(gate, /event=store_lost error="[^"]*data\.mdb was replaced/);
    await assertRefused(gate);
  });
}

test("older meta pages end a running daemon, and the next is refused", async (t) => {
  const gate = await revoked(t);
  const meta = fs.readFileSync(path.join(gate.copy, "data.mdb")).subarray(0, 2 * kPage);
  writeOver(gate.store("data.mdb"), meta);
  await assertEnds(gate, /event=store_lost error="[^"]*data\.mdb went back in time/);
  await assertRefused(gate);
});

// What a table's only page is: through the newer meta page, the main tree's root, and the table's name.
// Source: mdb.c of LMDB 0.9.24, MDB_meta, MDB_page, MDB_node.
function rootPage(bytes, table) {
  const number = (at) => Number(bytes.readBigUInt64LE(at));
  const kDatabases = 16 + 24; // after the page's head, and magic, version, address and size
  const kDatabase = 48;
  const kRoot = 40;
  const txn = (page) => number(page * kPage + kDatabases + 2 * kDatabase + 8);
  const meta = txn(1) > txn(0) ? kPage : 0;
  const main = number(meta + kDatabases + kDatabase + kRoot) * kPage;
  for (let at = main + 16; at < main + bytes.readUInt16LE(main + 12); at += 2) {
    const node = main + bytes.readUInt16LE(at);
    const keySize = bytes.readUInt16LE(node + 6);
    const name = bytes.toString("latin1", node + 8, node + 8 + keySize);
    if (name === table) return number(node + 8 + keySize + kRoot);
  }
  throw new Error(`there is no table ${table}`);
}

// A whole page of LMDB's with the record in it as it was: no decision can tell. It takes write access to
// the store's file, which is enough to grant anything; what can be told is told by the deep check.
test("a single older page of records is found by check --deep", async (t) => {
  const gate = await revoked(t);
  await gate.gateway.stop();
  await gate.do("check", "--deep");
  const before = fs.readFileSync(path.join(gate.copy, "data.mdb"));
  const from = rootPage(before, "credentials");
  const to = rootPage(fs.readFileSync(gate.store("data.mdb")), "credentials");
  assert.notEqual(from, to, "LMDB writes a changed page elsewhere");
  const page = Buffer.from(before.subarray(from * kPage, (from + 1) * kPage));
  page.writeBigUInt64LE(BigInt(to), 0); // it says its own number
  writeOver(gate.store("data.mdb"), page, to * kPage);
  const deep = await gate.command("check", "--deep");
  assert.equal(deep.code, 1);
  assert.match(deep.stdout, new RegExp(`${gate.till.id}: its record is revision 1, but entry 3 of the journal made it revision 2`));
  assert.match(deep.stderr, /the store is damaged; restore it/);
});

test("a revocation over NATS is noted by the daemon, which kill -9 does not take back", async (t) => {
  const gate = await Gate.make(t, { timeout: 1, admins: true });
  gate.shop = await gate.create("shop", ...kTraffic);
  gate.till = await gate.create("till", ...kTraffic);
  await gate.gateway.line(/event=admin_connected/);
  const copy = fs.readFileSync(gate.store("data.mdb"));
  const officer = path.join(gate.init.admins, "security-officer.json");
  const done = await run(credgate, ["revoke", "till", "--yes", "--context", officer]);
  assert.equal(done.code, 0, done.stderr);
  const noted = gate.store("../store.head/head");
  await until("the revocation is noted", () => fs.readFileSync(noted, "utf8").includes(`revoke 6 ${gate.till.id}\n`));
  await gate.gateway.stop("SIGKILL");

  await gate.startGateway(); // no false alarm
  await gate.denied(gate.till, "revoked");
  await gate.gateway.stop("SIGKILL");
  fs.writeFileSync(gate.store("data.mdb"), copy);
  await assertRefused(gate, /went back in time: its journal ends at entry 5, but entry 6 is noted/);
});

test("a note that is missing, or was altered, is not taken for none", async (t) => {
  const gate = await revoked(t);
  await gate.gateway.stop();
  const noted = gate.store("../store.head/head");
  const text = fs.readFileSync(noted, "utf8");
  assert.match(text, new RegExp(`^credgate-head 1\\nkey [0-9a-f]{16}\\nstore ST\\w+\\nhead 3 \\S{43}\\ntimeline A{43}\\ncomplete-from \\d+\\nrevoke 3 ${gate.till.id}\\nmac \\S{43}\\n$`));
  fs.rmSync(noted);
  await assertRefused(gate, /the head that was noted in \S+ is missing/);
  fs.writeFileSync(noted, text.replace("head 3 ", "head 2 "));
  await assertRefused(gate, /the head that is noted in \S+ was altered/);
  fs.writeFileSync(noted, text);
  const nothing = await gate.command("restore", "--accept-older");
  assert.equal(nothing.code, 4);
  assert.match(nothing.stderr, /there is nothing to accept/);
  await gate.startGateway();
  await gate.denied(gate.till, "revoked");
});

// Puts a copy of the data file in place, as whoever restores one does.
async function putInPlace(gate, copy) {
  await gate.gateway?.stop();
  for (const file of ["data.mdb", "lock.mdb"]) fs.rmSync(gate.store(file), { force: true });
  fs.writeFileSync(gate.store("data.mdb"), copy);
}

test("after an older copy was accepted, another older copy is not served", async (t) => {
  const gate = await Gate.make(t, { timeout: 1 });
  await gate.create("shop", ...kTraffic);
  const first = fs.readFileSync(gate.store("data.mdb"));
  const late = await gate.create("late", ...kTraffic);
  const second = fs.readFileSync(gate.store("data.mdb"));
  await gate.do("revoke", "late", "--reason", "stolen", "--yes");

  await putInPlace(gate, first);
  const { json } = await gate.do("restore", "--accept-older", "--json");
  assert.deepEqual(json.absent.map(({ id }) => id), [late.id]);
  assert.match((await gate.do("history")).stdout, /restore/);
  await gate.startGateway();
  await gate.refused(late);

  await putInPlace(gate, second);
  await assertRefused(gate, /is not the store that was accepted last/);
  const again = await gate.do("restore", "--accept-older", "--json");
  assert.deepEqual(again.json.revoked, [{ id: late.id, name: "late", sequence: 3 }]);
  assert.equal(again.json.complete, false);
  await gate.startGateway();
  await gate.denied(late, "revoked");
});

// The page of the journal is overwritten with one of the records: none of them is taken for its newest entry.
test("a damaged journal is not noted, so that the good store is taken when it is put back", async (t) => {
  const gate = await revoked(t);
  await gate.gateway.stop();
  const good = fs.readFileSync(gate.store("data.mdb"));
  const [from, to] = [rootPage(good, "credentials"), rootPage(good, "journal")];
  const page = Buffer.from(good.subarray(from * kPage, (from + 1) * kPage));
  page.writeBigUInt64LE(BigInt(to), 0);
  writeOver(gate.store("data.mdb"), page, to * kPage);
  const noted = fs.readFileSync(gate.store("../store.head/head"), "utf8");
  const changed = await gate.command("suspend", "shop");
  assert.notEqual(changed.code, 0);
  assert.match(changed.stderr, /the journal is damaged[^]*credgate history --verify/);
  assert.equal((await gate.command("history", "--verify")).code, 1);
  assert.equal(fs.readFileSync(gate.store("../store.head/head"), "utf8"), noted);

  await putInPlace(gate, good);
  await gate.startGateway();
  await gate.denied(gate.till, "revoked");
  await gate.admitted(gate.shop);
});
