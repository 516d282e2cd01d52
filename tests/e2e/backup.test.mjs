// `backup` and `restore`, with a daemon that serves meanwhile.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { Gate } from "./support/gate.mjs";
import { processes } from "./support/lifetime.mjs";
import { run } from "./support/processes.mjs";
import { credgate } from "./support/programs.mjs";
import { until } from "./support/waiting.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const [kFault, kUsage, kConflict, kConfiguration] = [1, 2, 4, 78];
const kPage = 4096;
const mode = (file) => (fs.statSync(file).mode & 0o777).toString(8);

// As after a lost disk: the store's directory is away, and what was noted of it is there.
function lose(gate) {
  fs.renameSync(gate.store("").replace(/\/$/, ""), path.join(gate.dir, `lost-${Date.now()}`));
}

// So much that a backup takes a moment.
async function importMany(gate, count) {
  const file = path.join(gate.dir, "many.jsonl");
  const line = (i) => JSON.stringify({ name: `many-${i}`, token: `a token of old, number ${i}`, capabilities: ["publish"], subjects: [`many.${i}.`.padEnd(200, "s")] });
  fs.writeFileSync(file, Array.from({ length: count }, (_, i) => `${line(i)}\n`).join(""));
  await gate.do("import", file);
}

test("a backup under load is whole, has its head, and is restored into an empty place", async (t) => {
  const gate = await Gate.make(t);
  const people = [];
  for (const name of ["anna", "bert", "cora"]) people.push(await gate.create(name, ...kTraffic));
  const [anna, bert, cora] = people;
  await gate.do("revoke", "cora", "--yes");
  const file = path.join(gate.dir, "credgate.backup");
  let busy = true;
  const load = (async () => {
    for (let i = 0; busy; i++) {
      await gate.do("update", "anna", "--tag", `n=${i}`);
      await gate.admitted(anna);
    }
  })();
  const { json } = await gate.do("backup", file, "--json");
  busy = false;
  await load;
  assert.deepEqual([json.file, json.active, json.suspended, json.revoked], [file, 2, 0, 1]);
  assert.match(json.head, /^\d+:\S{43}$/);
  assert.equal(json.bytes, fs.statSync(file).size);
  assert.equal(mode(file), "600");
  assert.ok(!fs.existsSync(`${file}.tmp`));
  await gate.do("history", "--verify", "--from", json.head);

  // Since then one is suspended, one revoked, and one is new.
  const dora = await gate.create("dora", ...kTraffic);
  await gate.do("suspend", "bert");
  await gate.do("revoke", "anna", "--yes", "--reason", "stolen");
  const full = await gate.command("restore", file);
  assert.equal(full.code, kConflict);
  assert.match(full.stderr, /store is not empty, and nothing in it is overwritten; .*mv \S+store \S+store\.old/);
  await gate.gateway.stop();
  lose(gate);
  const restored = await gate.do("restore", file, "--json");
  assert.equal(restored.json.head, json.head);
  assert.equal(restored.json.accepted.complete, true);
  assert.deepEqual(restored.json.accepted.revoked.map((lost) => lost.name), ["anna"]);
  assert.deepEqual(restored.json.accepted.suspended.map((lost) => lost.name), ["bert"]);
  assert.match(restored.stderr, /note: store: it went back in time/);
  assert.deepEqual([mode(gate.store("")), mode(gate.store("data.mdb"))], ["700", "600"]);
  assert.deepEqual(fs.readdirSync(gate.store("")).sort(), ["data.mdb", "lock.mdb"]);

  await gate.startGateway();
  await gate.denied(anna, "revoked");
  await gate.denied(bert, "suspended");
  await gate.denied(cora, "revoked");
  await gate.refused(dora); // made after the backup
  await gate.do("resume", "bert");
  await gate.admitted(bert);
  for (const args of [["check", "--deep"], ["history", "--verify"]]) await gate.do(...args);
});

test("a backup that is the newest is restored without a loss", async (t) => {
  const gate = await Gate.make(t);
  const anna = await gate.create("anna", ...kTraffic);
  const file = path.join(gate.dir, "a.backup");
  const made = await gate.do("backup", file);
  assert.match(made.stdout, /^wrote +\S+a\.backup, \d+ bytes, and read all of it\nstore +ST\w+: 1 active, 0 suspended, 0 revoked\nhead +1:\S{43}\n$/);
  await gate.gateway.stop();
  lose(gate);
  const { stdout, stderr } = await gate.do("restore", file);
  assert.match(stdout, /^restored \S+ into \S+store: 1 active, 0 suspended, 0 revoked; journal at 1\nNobody was revoked, suspended or rotated since/);
  assert.equal(stderr, "");
  await gate.startGateway();
  await gate.admitted(anna);
});

test("a backup of somebody's wish is refused where it would harm", async (t) => {
  const gate = await Gate.make(t, { start: false });
  await gate.create("anna", ...kTraffic);
  const file = path.join(gate.dir, "a.backup");
  await gate.do("backup", file);
  const before = fs.readFileSync(file);
  const again = await gate.command("backup", file);
  assert.equal(again.code, kConflict);
  assert.match(again.stderr, /exists already; name another file, or pass --replace/);
  await gate.create("bert", ...kTraffic);
  fs.writeFileSync(`${file}.tmp`, "what an interrupted one left");
  await gate.do("backup", file, "--replace");
  assert.notDeepEqual(fs.readFileSync(file), before);
  assert.ok(!fs.existsSync(`${file}.tmp`));
  for (const [args, code, what] of [
    [["backup", gate.dir], kUsage, /is a directory/],
    [["backup", path.join(gate.dir, "nowhere/x")], kFault, /No such file or directory/],
    [["backup", gate.store("data.mdb"), "--replace"], kUsage, /is the store's own/],
    [["backup", gate.store("../store.head/copy")], kUsage, /is the store's own/],
    [["backup"], kUsage, /FILE is missing/],
    [["restore"], kUsage, /name the FILE that `credgate backup` wrote/],
    [["restore", file, "--accept-older"], kUsage, /--accept-older is for a store that is in place already/],
  ]) {
    const done = await gate.command(...args);
    assert.equal(done.code, code, `${args.join(" ")}: ${done.stderr}`);
    assert.match(done.stderr, what);
  }
  // Over NATS it would be the gateway's file.
  const far = await gate.command("backup", file, "--server", "nats://127.0.0.1:1");
  assert.equal(far.code, kUsage);
});

function noise(bytes, page) {
  const damaged = Buffer.from(bytes);
  damaged.fill(0xa5, page * kPage, (page + 1) * kPage);
  return damaged;
}

test("a backup that is damaged is refused, and nothing is restored", async (t) => {
  const gate = await Gate.make(t, { start: false });
  await gate.create("shop", ...kTraffic);
  const file = path.join(gate.dir, "a.backup");
  await gate.do("backup", file);
  const good = fs.readFileSync(file);
  lose(gate);
  const altered = Buffer.from(good);
  for (let at = altered.indexOf("shop"); at !== -1; at = altered.indexOf("shop", at + 1)) altered[at] ^= 1;
  for (const [bytes, what] of [
    [altered, /fault: CG\w+: [^]*is damaged, so nothing was restored/],
    [good.subarray(0, good.length - 4096), /is cut short: it has \d+ bytes of \d+/],
    [noise(good, 2), /fault: page \d+ of [^]*is damaged, so nothing was restored/],
    [noise(good, 1), /meta page 1 is damaged[^]*take another backup/],
    [Buffer.from("not a store"), /meta page 0 is missing: the data file is too short; take another backup/],
    [Buffer.alloc(0), /is empty/],
  ]) {
    fs.writeFileSync(file, bytes);
    const done = await gate.command("restore", file);
    assert.equal(done.code, kFault, done.stderr);
    assert.match(done.stderr, what);
    assert.ok(!fs.existsSync(gate.store("")));
  }
  const other = await Gate.make(t, { start: false });
  await other.create("shop", ...kTraffic);
  await other.do("backup", file, "--replace");
  const wrong = await gate.command("restore", file);
  assert.equal(wrong.code, kConflict);
  assert.match(wrong.stderr, /the backup is of store ST\w+, but the head in \S+store\.head is that of ST\w+/);
  assert.ok(!fs.existsSync(gate.store("")));
  fs.writeFileSync(file, good);
  await gate.do("restore", file);
  // And what is damaged in the store gives no backup.
  const data = fs.readFileSync(gate.store("data.mdb"));
  for (let at = data.indexOf("shop"); at !== -1; at = data.indexOf("shop", at + 1)) data[at] ^= 1;
  fs.writeFileSync(gate.store("data.mdb"), data);
  const another = path.join(gate.dir, "b.backup");
  const refused = await gate.command("backup", another);
  assert.equal(refused.code, kFault, refused.stderr);
  assert.match(refused.stderr, /fault: CG\w+: [^]*the copy is damaged, so it was not kept/);
  assert.ok(!fs.existsSync(another));
  fs.writeFileSync(gate.store("data.mdb"), noise(data, 2));
  const unread = await gate.command("backup", file, "--replace");
  assert.equal(unread.code, kConfiguration);
  assert.match(unread.stderr, /page 2 of [^]* is damaged/);
  assert.deepEqual(fs.readFileSync(file), good);
});

test("a backup that is killed leaves no half file under its name, and the next one cleans up", async (t) => {
  const gate = await Gate.make(t, { start: false });
  await importMany(gate, 500);
  const file = path.join(gate.dir, "a.backup");
  let interrupted = 0;
  for (let round = 0; round < 40 && interrupted < 5; round++) {
    const child = spawn(credgate, ["backup", file, "--config", gate.config], { stdio: "ignore" });
    processes.add(child);
    const ended = new Promise((resolve) => child.once("close", resolve));
    // While it is written, at other moments each time.
    await until("it has begun", () => fs.existsSync(`${file}.tmp`) || child.exitCode !== null);
    await new Promise((resolve) => setTimeout(resolve, round));
    child.kill("SIGKILL");
    await ended;
    if (fs.existsSync(file)) {
      // It was quicker.
      fs.rmSync(file);
      continue;
    }
    interrupted++;
  }
  assert.ok(interrupted > 0);
  await gate.do("backup", file);
  assert.ok(!fs.existsSync(`${file}.tmp`));
  lose(gate);
  await gate.do("restore", file);
  assert.equal((await gate.do("check", "--json")).json.active, 500);
});

test("two backups into one file take turns", async (t) => {
  const gate = await Gate.make(t, { start: false });
  await gate.create("anna", ...kTraffic);
  const file = path.join(gate.dir, "a.backup");
  for (let i = 0; i < 20; i++) {
    const pair = await Promise.all([0, 1].map(() => gate.command("backup", file, "--replace")));
    for (const { code, stderr } of pair) {
      if (code !== 0) assert.match(stderr, /another backup is being written/);
      assert.ok([0, kConflict].includes(code), stderr);
    }
    assert.ok(pair.some(({ code }) => code === 0));
    assert.ok(!fs.existsSync(`${file}.tmp`));
  }
});

test("a store that went back in time does not replace a newer backup", async (t) => {
  const gate = await Gate.make(t, { start: false });
  await gate.create("anna", ...kTraffic);
  const older = fs.readFileSync(gate.store("data.mdb"));
  await gate.do("revoke", "anna", "--yes");
  const file = path.join(gate.dir, "a.backup");
  await gate.do("backup", file);
  const newer = fs.readFileSync(file);
  fs.writeFileSync(gate.store("data.mdb"), older);
  const refused = await gate.command("backup", file, "--replace");
  assert.equal(refused.code, kConfiguration, refused.stderr);
  assert.match(refused.stderr, /a\.backup may be newer, so it was not replaced; name another file/);
  assert.deepEqual(fs.readFileSync(file), newer);
  // To look at it, or to keep it, it can be copied.
  const other = await gate.do("backup", path.join(gate.dir, "b.backup"));
  assert.match(other.stderr, /^warning: /m);
});

// Root reads the store with the rights of its owner, writes the backup with its own, and gives the owner
// what is restored. Whoever is not root has nothing to change: the same holds with one's own user.
test("a backup belongs to who asked for it, and what is restored to the store's owner", async (t) => {
  const root = process.getuid() === 0;
  const gate = await Gate.make(t, { start: false });
  const owner = root ? Number(execFileSync("id", ["-u", "nobody"])) : process.getuid();
  const group = root ? Number(execFileSync("id", ["-g", "nobody"])) : process.getgid();
  const heads = ["../store.head", "../store.head/head", "../store.head/head.new", "../store.head/lock"];
  await gate.create("anna", ...kTraffic);
  if (root) {
    fs.chmodSync(path.dirname(gate.dir), 0o711); // nobody must be able to reach the store
    for (const file of ["", "data.mdb", "lock.mdb", ...heads]) fs.chownSync(gate.store(file), owner, group);
  }
  const mine = path.join(gate.dir, "mine"); // only root gets there
  fs.mkdirSync(mine, { mode: 0o700 });
  const file = path.join(mine, "a.backup");
  fs.rmSync(gate.store("lock.mdb")); // made anew by the next command
  await gate.do("backup", file);
  assert.equal(fs.statSync(file).uid, process.getuid());
  assert.equal(fs.statSync(gate.store("lock.mdb")).uid, owner);
  await gate.do("revoke", "anna", "--yes");
  // A directory that root has made and nobody has used yet is as the root of a file system just mounted.
  for (const made of ["not", "by its owner", "by root"]) {
    lose(gate);
    if (made !== "not") fs.mkdirSync(gate.store(""), { mode: 0o755 });
    if (made === "by its owner" && root) fs.chownSync(gate.store(""), owner, group);
    const { json } = await gate.do("restore", file, "--json");
    assert.deepEqual(json.accepted.revoked.map((lost) => lost.name), ["anna"]);
    for (const name of ["", "data.mdb", "lock.mdb", ...heads]) assert.equal(fs.statSync(gate.store(name)).uid, owner, name);
  }
});

test("who takes an older copy is told that its roles may be older", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const roles = path.join(gate.dir, "roles.jsonl");
  const role = (subject) => fs.writeFileSync(roles, `${JSON.stringify({ role: { name: "ops", capabilities: ["publish"], subjects: [subject] } })}\n`);
  role("orders.>");
  await gate.do("apply", roles);
  const file = path.join(gate.dir, "a.backup");
  await gate.do("backup", file);
  role("orders.eu");
  await gate.do("apply", roles);
  lose(gate);
  assert.match((await gate.do("restore", file)).stdout, /^Roles may be older than they were/m);
  lose(gate);
  assert.equal((await gate.do("restore", file, "--json")).json.accepted.roles_may_be_older, true);
});
