// The files on disk: what the daemon does when they go, what it refuses to start with, and many
// commands at once.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { Gate } from "./support/gate.mjs";
import { run } from "./support/processes.mjs";
import { credgate } from "./support/programs.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const kConfiguration = 78;

// Names and contents, so that "nothing was changed" can be said.
function snapshot(dir) {
  return Object.fromEntries(
    fs.readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
      .map((file) => [file, fs.readFileSync(file).toString("base64")]),
  );
}

// Fails unless the daemon ends by itself, not with 0, and says why in its last two lines: an event for
// programs, a sentence for people.
async function assertEnds(gate, pattern) {
  const { code, signal } = await gate.gateway.ended;
  assert.ok(code !== 0 && code !== null, `exit ${code}, ${signal}; its log:\n${gate.gateway.log}`);
  assert.match(gate.gateway.log.trimEnd().split("\n").slice(-2).join("\n"), pattern);
}

for (const [what, harm, pattern] of [
  ["is removed", (gate) => fs.rmSync(gate.store("data.mdb")), /data\.mdb was removed/],
  ["is moved away", (gate) => fs.renameSync(gate.store("data.mdb"), gate.store("old.mdb")), /data\.mdb was removed/],
  [
    "is replaced by a copy",
    (gate) => {
      fs.copyFileSync(gate.store("data.mdb"), gate.store("copy.mdb"));
      fs.renameSync(gate.store("copy.mdb"), gate.store("data.mdb"));
    },
    /data\.mdb was replaced/,
  ],
  ["loses its directory", (gate) => fs.rmSync(gate.store(""), { recursive: true }), /was removed/],
]) {
  test(`a store that ${what} under the daemon ends it, and nobody is let in any more`, async (t) => {
    const gate = await Gate.make(t, { timeout: 1 });
    const shop = await gate.create("shop", ...kTraffic);
    await gate.admitted(shop);
    harm(gate);
    const grants = () => gate.gateway.lines(/event=granted/).length;
    const before = await gate.gateway.line(/event=granted/).then(grants);
    await gate.refused(shop);
    await assertEnds(gate, pattern);
    assert.equal(grants(), before);
    assert.equal(gate.gateway.lines(/event=stopped/).length, 0);
  });
}

test("a store that is truncated under the daemon lets nobody in", async (t) => {
  const gate = await Gate.make(t, { timeout: 1 });
  const shop = await gate.create("shop", ...kTraffic);
  await gate.admitted(shop);
  await gate.gateway.line(/event=granted/);
  fs.truncateSync(gate.store("data.mdb"), 4096);
  await gate.refused(shop);
  assert.deepEqual(await gate.gateway.ended, { code: 1, signal: null });
  assert.match(gate.gateway.log, /data file is too short/);
  assert.equal(gate.gateway.lines(/event=granted/).length, 1);
});

// 78 is the code after which systemd does not start the daemon again.
for (const [what, harm, pattern] of [
  ["is truncated to nothing", (gate) => fs.truncateSync(gate.store("data.mdb"), 0), /data\.mdb is empty; restore it/],
  ["is cut after its head", (gate) => fs.truncateSync(gate.store("data.mdb"), 12_288), /truncated|damaged/],
  ["is a directory", (gate) => (fs.rmSync(gate.store("data.mdb")), fs.mkdirSync(gate.store("data.mdb"))), /Is a directory/],
  ["is a pipe", (gate) => (fs.rmSync(gate.store("data.mdb")), execFileSync("mkfifo", [gate.store("data.mdb")])), /data\.mdb is not a regular file; put the store back, or restore it from a backup$/m],
  ["is missing", (gate) => fs.rmSync(gate.store("data.mdb")), /no store in \S+; put it back, or restore it from a backup$/m],
  ["lost its directory", (gate) => fs.rmSync(gate.store(""), { recursive: true }), /; put (the store|it) back, or restore it from a backup$/m],
  ["is not LMDB's", (gate) => fs.writeFileSync(gate.store("data.mdb"), "x".repeat(10_000)), /does not begin as one of LMDB's.*restore it from a backup/],
]) {
  test(`a store that ${what} is refused by every command`, async (t) => {
    const gate = await Gate.make(t, { start: false });
    await gate.create("shop", ...kTraffic);
    harm(gate);
    for (const args of [["list"], ["check"], ["serve"], ["create", "more", ...kTraffic]]) {
      const done = await gate.command(...args);
      assert.equal(done.code, kConfiguration, `${args[0]}: ${done.stderr}`);
      assert.match(done.stderr, pattern);
    }
  });
}

test("what serve refuses to start with", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const key = (name) => path.join(gate.dir, "keys", name);

  // Exit 78, one line, of the form "credgate: …".
  async function assertRefused(pattern) {
    for (const command of ["serve", "check"]) {
      const done = await run(credgate, [command, "--config", gate.config], { patience: 5_000 });
      assert.equal(done.code, kConfiguration, `${command}: ${done.stderr}`);
      assert.equal(done.stderr.trimEnd().split("\n").length, 1, done.stderr);
      assert.match(done.stderr, /^credgate: /);
      assert.match(done.stderr, pattern);
    }
  }

  for (const name of ["gateway.nk", "system.nk", "issuer.nk", "xkey.nk", "master.key"]) {
    for (const mode of [0o644, 0o640, 0o620]) {
      await t.test(`${name} with mode ${mode.toString(8)}`, async () => {
        fs.chmodSync(key(name), mode);
        await assertRefused(new RegExp(`keys/${name}: other users can read or write this key`));
        fs.chmodSync(key(name), 0o600);
      });
    }
    await t.test(`${name} missing`, async () => {
      fs.renameSync(key(name), key("away"));
      await assertRefused(new RegExp(`keys/${name}: the key is missing`));
      fs.renameSync(key("away"), key(name));
    });
    await t.test(`${name} holding something else, which is not repeated`, async () => {
      const good = fs.readFileSync(key(name));
      const wrong = fs.readFileSync(key(name === "xkey.nk" ? "issuer.nk" : "xkey.nk"), "utf8");
      fs.writeFileSync(key(name), wrong);
      await assertRefused(new RegExp(`keys/${name}: (must hold|is not a master key)`));
      assert.ok(!(await gate.command("check")).stderr.includes(wrong.trim()));
      fs.writeFileSync(key(name), good);
    });
  }

  const good = fs.readFileSync(gate.config, "utf8");
  for (const [what, edit, pattern] of [
    ["an unknown key", (text) => text.replace('"accounts"', '"acounts": 1,\n  "accounts"'), /credgate\.conf:6: acounts/],
    ["a misspelt key", (text) => text.replace('"accounts"', '"acounts"'), /credgate\.conf.*accounts/],
    ["an unknown key in a section", (text) => text.replace('"issuer"', '"isuer": 1, "issuer"'), /credgate\.conf:5: callout\.isuer/],
    ["a key given twice", (text) => text.replace('"accounts"', '"accounts": ["X"],\n  "accounts"'), /credgate\.conf:7: accounts: given twice/],
    ["a value of another type", (text) => text.replace('["APP", "ADMIN"]', "7"), /credgate\.conf:6: accounts/],
    ["no accounts", (text) => text.replace('["APP", "ADMIN"]', "[]"), /credgate\.conf:6: accounts/],
    ["text that is not JSON", (text) => text.replace("{", "["), /credgate\.conf:\d+: /],
    ["an empty file", () => "", /credgate\.conf:1: /],
  ]) {
    await t.test(`a configuration with ${what}`, async () => {
      fs.writeFileSync(gate.config, edit(good));
      await assertRefused(pattern).finally(() => fs.writeFileSync(gate.config, good));
    });
  }

  await t.test("no configuration at all", async () => {
    const done = await run(credgate, ["serve", "--config", path.join(gate.dir, "none.conf")]);
    assert.equal(done.code, kConfiguration);
    assert.match(done.stderr, /none\.conf: No such file.*credgate init/);
  });

  await t.test("and all of it put back, check is content", async () => {
    await gate.do("check", "--deep");
  });
});

test("init", async (t) => {
  const gate = await Gate.make(t, { start: false });
  await gate.create("shop", ...kTraffic);

  await t.test("a second time is a conflict, and changes nothing", async () => {
    const before = snapshot(gate.dir);
    const again = await run(credgate, ["init", "--dir", gate.dir]);
    assert.equal(again.code, 4, again.stderr);
    assert.match(again.stderr, /already exists; nothing was changed/);
    assert.deepEqual(snapshot(gate.dir), before);
  });

  await t.test("whatever the umask, who must read a file can", async () => {
    const strict = path.join(gate.dir, "strict");
    const done = await run("sh", ["-c", 'umask 077 && "$0" init --dir "$1" --no-admins && "$0" keys add xkey --config "$1/credgate.conf"', credgate, strict]);
    assert.equal(done.code, 0, done.stderr);
    const mode = (file) => (fs.statSync(path.join(strict, file)).mode & 0o777).toString(8);
    assert.deepEqual(["credgate.conf", "nats-server.conf", "keys/issuer.nk", "keys/xkey.nk"].map(mode), ["644", "644", "600", "600"]);
  });

  await t.test("leaves keys, their directory and the store to their owner alone", () => {
    const mode = (file) => (fs.statSync(path.join(gate.dir, file)).mode & 0o777).toString(8);
    for (const dir of ["keys", "run", "store", "store.head"]) assert.equal(mode(dir), "700");
    for (const key of fs.readdirSync(path.join(gate.dir, "keys"))) assert.equal(mode(`keys/${key}`), "600");
    for (const file of ["data.mdb", "lock.mdb"]) assert.equal(mode(`store/${file}`), "600");
  });

  await t.test("twice gives different keys and stores", async () => {
    const other = path.join(path.dirname(gate.dir), "other");
    const made = JSON.parse((await run(credgate, ["init", "--dir", other, "--json"])).stdout);
    assert.notEqual(made.issuer, gate.init.issuer);
    assert.notEqual(made.xkey, gate.init.xkey);
    for (const key of fs.readdirSync(path.join(other, "keys"))) {
      assert.notDeepEqual(fs.readFileSync(path.join(other, "keys", key)), fs.readFileSync(path.join(gate.dir, "keys", key)));
    }
  });
});

test("twenty commands at once wait their turn, and each is done", async (t) => {
  const gate = await Gate.make(t);
  const names = Array.from({ length: 20 }, (_, i) => `many-${i}`);
  const made = await Promise.all(names.map((name) => gate.create(name, ...kTraffic)));
  assert.equal(new Set(made.map((who) => who.id)).size, 20);
  const history = (await gate.do("history", "--json")).json;
  assert.deepEqual(history.map((entry) => entry.sequence), names.map((_, i) => i + 1));

  const changes = await Promise.all(names.map((_, i) => gate.command("update", "many-0", "--tag", `n=${i}`, "--json")));
  assert.deepEqual([...new Set(changes.map((done) => done.code))], [0]);
  assert.deepEqual(changes.map((done) => done.json.revision).sort((a, b) => a - b), names.map((_, i) => i + 2));

  // Of many that have read the same revision, one wins.
  const race = await Promise.all(names.map((_, i) => gate.command("update", "many-1", "--tag", `n=${i}`, "--revision", "1")));
  assert.deepEqual(race.map((done) => done.code).sort(), [0, ...Array(19).fill(4)]);

  // And of many that want one name.
  const same = await Promise.all(names.map(() => gate.command("create", "same", ...kTraffic)));
  assert.deepEqual(same.map((done) => done.code).sort(), [0, ...Array(19).fill(4)]);
  await gate.do("check", "--deep");
  await gate.admitted(made[19]);
});

// Root must not leave files that the daemon's user can't read. Whoever is not root has nothing to
// change: the same holds with one's own user.
test("commands leave files that belong to the store's owner", async (t) => {
  const root = process.getuid() === 0;
  const gate = await Gate.make(t, { start: false });
  const owner = root ? Number(execFileSync("id", ["-u", "nobody"])) : process.getuid();
  const group = root ? Number(execFileSync("id", ["-g", "nobody"])) : process.getgid();
  if (root) {
    fs.chmodSync(path.dirname(gate.dir), 0o711); // nobody must be able to reach the store
    for (const file of ["", "data.mdb", "lock.mdb", "../store.head"]) fs.chownSync(gate.store(file), owner, group);
  }
  fs.rmSync(gate.store("lock.mdb")); // made anew by the next command
  const shop = await gate.create("shop", ...kTraffic);
  await gate.do("update", "shop", "--tag", "a=b");
  await gate.do("history");
  const files = ["data.mdb", "lock.mdb", "../store.head/head", "../store.head/lock"];
  for (const file of files) {
    const { uid, mode } = fs.statSync(gate.store(file));
    assert.deepEqual([file, uid, mode & 0o777], [file, owner, 0o600]);
  }
  const { json } = await gate.do("history", "--json");
  const self = execFileSync("id", ["-un"]).toString().trim();
  assert.match(json[0].actor, /^local:/);
  if (!fs.existsSync("/proc/self/loginuid")) assert.equal(json[0].actor, `local:${self}`);

  await gate.startServer();
  await gate.startGateway({ launcher: "" }); // by root; the unit, whose sandbox it would be, has a user
  await gate.admitted(shop);
  const status = fs.readFileSync(`/proc/${gate.gateway.pid}/status`, "utf8");
  assert.match(status, new RegExp(`^Uid:\\s+${owner}\\s+${owner}\\s+${owner}\\s+${owner}$`, "m"));
  assert.match(status, new RegExp(`^Gid:\\s+${group}\\s+${group}\\s+${group}\\s+${group}$`, "m"));
});
