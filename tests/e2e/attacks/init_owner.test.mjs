// `credgate init` as root, while a process of the user that the store is for swaps links for what root makes.
// In a mount namespace of its own, whose /etc and /var/lib are the test's.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { removeDirectory, temporaryDirectory } from "../support/lifetime.mjs";
import { run } from "../support/processes.mjs";
import { credgate } from "../support/programs.mjs";

const kUser = 64_999;
const kAttempts = 10; // of each kind

// Arguments: a file of root's, in a directory of root's, and whether the store's files are exchanged or the
// store. Says "ready", then never ends.
const kSwapper = `
const fs = require("node:fs");
const path = require("node:path");
const [file, what] = process.argv.slice(2);
process.setgroups([]);
process.setgid(${kUser});
process.setuid(${kUser});
const store = "/var/lib/credgate/store";
const links = what === "files" ? [[store + "/data.mdb", file], [store + "/lock.mdb", file]] : [[store, path.dirname(file)]];
fs.writeSync(1, "ready\\n");
for (let turn = 0; ; turn++) {
  for (const [from, to] of links) {
    try {
      fs.renameSync(from, \`/var/lib/credgate/aside\${turn % 8}\`);
      fs.symlinkSync(to, from);
    } catch {}
  }
}`;

// With ETC and LIB mounted: so many attempts, each in a fresh /var/lib/credgate; then one in peace. Prints
// whose the file of root's is after each attempt.
const kScript = `set -eu
mount --bind "$ETC" /etc
mount --bind "$LIB" /var/lib
attempt() {
  rm -rf /etc/credgate /var/lib/credgate
  install -d -o ${kUser} -g ${kUser} -m 0700 /var/lib/credgate
  "$@"
  stat -c '%u %a %n' "$SECRET" "$(dirname "$SECRET")"
  ls "$(dirname "$SECRET")"
}
disturbed() {
  coproc "$NODE" "$SWAPPER" "$SECRET" "$1" 2>/dev/null
  local swapper=$COPROC_PID
  read -r _ <&"\${COPROC[0]}"
  "$CREDGATE" init >/dev/null 2>&1 || true
  kill -9 "$swapper"
  wait "$swapper" 2>/dev/null || true
}
for _ in $(seq ${kAttempts}); do attempt disturbed files; attempt disturbed store; done
echo in peace
attempt "$CREDGATE" init --json
find /etc/credgate /var/lib/credgate -printf '%U %m %p\\n' | sort -k 3
"$CREDGATE" list
`;

// Has an etc with the user credgate, and a lib.
function machineDirectory(t) {
  const dir = temporaryDirectory();
  t.after(() => removeDirectory(dir));
  fs.chmodSync(dir, 0o755);
  const at = (name) => path.join(dir, name);
  fs.cpSync("/etc/passwd", at("etc/passwd"));
  fs.appendFileSync(at("etc/passwd"), `credgate:x:${kUser}:${kUser}::/var/lib/credgate:/usr/sbin/nologin\n`);
  for (const file of ["group", "nsswitch.conf", "ld.so.cache"]) fs.cpSync(`/etc/${file}`, at(`etc/${file}`));
  fs.mkdirSync(at("lib"));
  return dir;
}

test("init as root gives nothing of root's away, and leaves a store that is its user's", async (t) => {
  assert.equal(process.getuid(), 0, "this test needs root, to be attacked as root");
  const dir = machineDirectory(t);
  const at = (name) => path.join(dir, name);
  fs.mkdirSync(at("secret"), { mode: 0o700 });
  const secret = at("secret/file");
  fs.writeFileSync(secret, "root's", { mode: 0o600 });
  fs.writeFileSync(at("swapper.cjs"), kSwapper);

  const done = await run("unshare", ["--mount", "bash", "-c", kScript], {
    env: { PATH: process.env.PATH, CREDGATE: credgate, NODE: process.execPath, SWAPPER: at("swapper.cjs"), SECRET: secret, ETC: at("etc"), LIB: at("lib") },
    patience: 60_000,
  });
  assert.equal(done.code, 0, done.stderr);
  const [disturbed, peace] = done.stdout.split("in peace\n");
  assert.equal(disturbed, `0 600 ${secret}\n0 700 ${at("secret")}\nfile\n`.repeat(2 * kAttempts));
  assert.equal(fs.readFileSync(secret, "utf8"), "root's");

  const owners = Object.fromEntries([...peace.matchAll(/^(\d+) (\d+) (\/\S+)$/gm)].map(([, uid, mode, file]) => [file, `${uid} ${mode}`]));
  const owned = (uid, mode) => `${uid} ${mode}`;
  assert.equal(owners["/var/lib/credgate/store"], owned(kUser, 700));
  assert.equal(owners["/var/lib/credgate/store/data.mdb"], owned(kUser, 600));
  assert.equal(owners["/var/lib/credgate/store/lock.mdb"], owned(kUser, 600));
  assert.equal(owners["/etc/credgate/keys"], owned(0, 700));
  assert.equal(owners["/etc/credgate/keys/master.key"], owned(0, 600));
  assert.equal(owners["/etc/credgate/admins/editor.json"], owned(0, 600));
  assert.match(peace, /security-officer/, "the admins are not in the store");
});

test("init as root makes nothing in another user's directory, nor by another user's link", async (t) => {
  assert.equal(process.getuid(), 0, "this test needs root");
  const dir = temporaryDirectory();
  t.after(() => removeDirectory(dir));
  const at = (name) => path.join(dir, name);
  for (const name of ["theirs", "everybodys", "ours"]) fs.mkdirSync(at(name));
  fs.chownSync(at("theirs"), kUser, kUser);
  fs.chmodSync(at("everybodys"), 0o1777);
  fs.symlinkSync(at("ours"), at("everybodys/link"));
  fs.lchownSync(at("everybodys/link"), kUser, kUser);
  fs.mkdirSync(at("everybodys/try")); // as whoever expects root to try it out
  fs.chownSync(at("everybodys/try"), kUser, kUser);
  for (const name of ["theirs", "theirs/try", "everybodys/link", "everybodys/link/try", "everybodys/try"]) {
    const done = await run(credgate, ["init", "--dir", at(name)]);
    assert.equal(done.code, 5, `${name}: ${done.stdout}${done.stderr}`);
    assert.match(done.stderr, new RegExp(`${at(name)}: it, or a directory or link above it, belongs to uid ${kUser}, .*sudo -u '#${kUser}' credgate init`));
  }
  for (const name of ["theirs", "ours", "everybodys/try"]) assert.deepEqual(fs.readdirSync(at(name)), [], name);
  const good = await run(credgate, ["init", "--dir", at("ours/try")]);
  assert.equal(good.code, 0, good.stderr);
});

test("init as root gives the system's directories their modes, whatever the umask", async (t) => {
  assert.equal(process.getuid(), 0, "this test needs root");
  const dir = machineDirectory(t);
  const script = `set -eu
mount --bind "$ETC" /etc
mount --bind "$LIB" /var/lib
for mask in 077 027 000; do
  rm -rf /etc/credgate /var/lib/credgate
  (umask $mask; "$CREDGATE" init >/dev/null)
  find /etc/credgate /var/lib/credgate -maxdepth 1 -printf '%U %m %p\\n' | sort -k 3
  setpriv --reuid ${kUser} --regid ${kUser} --clear-groups cat /etc/credgate/credgate.conf >/dev/null
done
`;
  const done = await run("unshare", ["--mount", "bash", "-c", script], {
    env: { PATH: process.env.PATH, CREDGATE: credgate, ETC: path.join(dir, "etc"), LIB: path.join(dir, "lib") },
  });
  assert.equal(done.code, 0, done.stderr);
  const made = `0 755 /etc/credgate
0 700 /etc/credgate/admins
0 644 /etc/credgate/credgate.conf
0 700 /etc/credgate/keys
0 644 /etc/credgate/nats-server.conf
0 755 /var/lib/credgate
${kUser} 700 /var/lib/credgate/store
${kUser} 700 /var/lib/credgate/store.head
`;
  assert.equal(done.stdout, made.repeat(3));
});

const asUser = (uid) => ["--reuid", `${uid}`, "--regid", `${uid}`, "--clear-groups"];

test("init makes nothing in a directory of another user's or everybody's, whoever runs it", async (t) => {
  assert.equal(process.getuid(), 0, "this test needs root");
  const dir = temporaryDirectory();
  t.after(() => removeDirectory(dir));
  fs.chmodSync(dir, 0o755);
  const at = (name) => path.join(dir, name);
  for (const name of ["theirs", "everybodys", "mine", "taken"]) fs.mkdirSync(at(name));
  fs.chownSync(at("theirs"), kUser, kUser);
  for (const name of ["mine", "taken"]) fs.chownSync(at(name), kUser - 1, kUser - 1);
  fs.symlinkSync(at("mine"), at("link"));
  fs.lchownSync(at("link"), kUser, kUser);
  fs.chmodSync(at("theirs"), 0o777);
  fs.chmodSync(at("everybodys"), 0o1777);
  fs.mkdirSync(at("taken/jetstream"));
  const user = (name) => run("setpriv", [...asUser(kUser - 1), credgate, "init", "--dir", at(name)]);
  for (const name of ["theirs", "link"]) {
    const done = await user(name);
    assert.equal(done.code, 5, `${name}: ${done.stdout}${done.stderr}`);
    assert.match(done.stderr, new RegExp(`${at(name)}: it belongs to uid ${kUser}, who could read and exchange the keys`));
  }
  for (const done of [await user("everybodys"), await run(credgate, ["init", "--dir", at("everybodys")])]) {
    assert.equal(done.code, 5, `${done.stdout}${done.stderr}`);
    assert.match(done.stderr, /everybodys: everybody may write in it/);
  }
  const taken = await user("taken");
  assert.equal(taken.code, 4, taken.stdout);
  assert.match(taken.stderr, /taken\/jetstream already exists/);
  for (const name of ["theirs", "everybodys", "mine"]) assert.deepEqual(fs.readdirSync(at(name)), [], name);
  const good = await user("mine");
  assert.equal(good.code, 0, good.stderr);
});

test("init as root makes nothing where it could not finish", async (t) => {
  assert.equal(process.getuid(), 0, "this test needs root");
  const dir = machineDirectory(t);
  const script = `set -eu
mount --bind "$ETC" /etc
mount --bind "$LIB" /var/lib
setpriv --inh-caps -setgid --bounding-set -setgid "$CREDGATE" init 2>&1 || echo "code $?"
ls -d /etc/credgate /var/lib/credgate 2>/dev/null || echo "nothing made"
mkdir -m 700 /etc/credgate
"$CREDGATE" init 2>&1 || echo "code $?"
ls -A /etc/credgate
chmod 755 /etc/credgate
"$CREDGATE" init >/dev/null
`;
  const done = await run("unshare", ["--mount", "bash", "-c", script], {
    env: { PATH: process.env.PATH, CREDGATE: credgate, ETC: path.join(dir, "etc"), LIB: path.join(dir, "lib") },
  });
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /^[^\n]*\ncode 78\nnothing made\n[^\n]*\/etc\/credgate: credgate cannot read in it[^\n]*chmod 755 \/etc\/credgate\ncode 5\n$/);
});

test("init without admins says nothing of them", async (t) => {
  const dir = temporaryDirectory();
  t.after(() => removeDirectory(dir));
  for (const mode of ["config", "operator"]) {
    const init = (name, ...more) => run(credgate, ["init", "--mode", mode, "--dir", path.join(dir, mode + name), ...more]);
    const said = await init("1", "--no-admins");
    assert.equal(said.code, 0, said.stderr);
    assert.doesNotMatch(said.stdout, /admins/);
    assert.equal("admins" in JSON.parse((await init("2", "--no-admins", "--json")).stdout), false);
    assert.match((await init("3")).stdout, /three admins/);
    assert.equal(JSON.parse((await init("4", "--json")).stdout).admins, path.join(dir, `${mode}4`, "admins"));
  }
});
