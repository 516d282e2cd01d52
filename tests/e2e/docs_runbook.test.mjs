// doc/what-to-do-when.md: what it tells people to type is typed here, on a machine where what it speaks of
// has happened, and does what it says.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { createAccount, createUser } from "@nats-io/nkeys";
import { wrongClock } from "./support/clock.mjs";
import { Page, testParts } from "./support/pages.mjs";
import { assertMayPublish } from "./support/permissions.mjs";
import { run } from "./support/processes.mjs";
import { root } from "./support/programs.mjs";
import { until } from "./support/waiting.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const notReady = async (machine) => (await machine.readyz()) !== 200;
const isReady = (machine) => until("/readyz says 200", async () => (await machine.readyz()) === 200);
// What `--out` wrote.
const secretIn = (machine, name) => /^ +secret +(\S+)$/m.exec(fs.readFileSync(path.join(machine.dir, "root", name), "utf8"))[1];

// What the page says that people see, first under a heading.
const pageText = fs.readFileSync(path.join(root, "doc/what-to-do-when.md"), "utf8");
function seen(heading) {
  const quoted = new RegExp(`^## ${heading}\n+\\*\\*You see\\*\\* \`([^\`]+)\``, "m").exec(pageText)[1];
  return new RegExp(quoted.replaceAll(".", "\\."));
}

function replaceIn(file, from, to) {
  const text = fs.readFileSync(file, "utf8");
  const changed = text.replace(from, to);
  assert.notEqual(changed, text, `${file} has no ${from}`);
  fs.writeFileSync(file, changed);
}

const parts = [];
const section = (heading, play, options) => parts.push({ heading, play, options });

section("Nobody can connect", async ({ page, machine, gate }) => {
  const status = page.next("credgate status");
  await machine.sh(status);
  const look = page.next("credgate check");
  const { config } = machine.nodes[0];
  const good = fs.readFileSync(config, "utf8");
  const says = async (what, { change, dropped }) => {
    fs.writeFileSync(config, change(good));
    await machine.sh("systemctl restart nats-server; systemctl restart credgate");
    await machine.shUntil(status, (done) => what.test(done.stdout) && (!dropped || dropped.test(done.stdout)), { code: 1 });
    assert.ok(await notReady(machine));
  };
  await says(/ready +NO: no self-probe succeeded/, { change: (text) => text.replace(/xkey: .*/, ""), dropped: /\(not_sealed \d+\)/ });
  await says(/ready +NO: no self-probe succeeded/, { change: (text) => text.replace(/auth_callout \{[^]*?\n  \}/, ""), dropped: / 0 dropped/ });
  await says(/ready +NO: not connected to nats-server/, { change: (text) => text.replace(/nkey: U\w+/, `nkey: ${createUser().getPublicKey()}`) });
  await says(/ready +NO: no self-probe succeeded/, {
    change: (text) => text.replace(/issuer: A\w{55}/, `issuer: ${createAccount().getPublicKey()}`), dropped: /\(wrong_subject \d+\)/ });
  const { stdout } = await machine.sh(look);
  assert.match(stdout, /event=connected/);
  assert.notEqual(/^issuer +issuer\.nk +(A\w+)/m.exec(stdout)[1], /issuer: (A\w+)/.exec(stdout)[1]);
  fs.writeFileSync(config, good);
  await machine.sh("systemctl restart nats-server");
  await machine.sh(page.next("until curl"));
  await machine.sh("systemctl stop credgate");
  assert.match((await machine.sh(status, { code: 1 })).stderr, /no daemon answers/);
  await gate.refused({ user: "x", pass: "y" });
});

section("The gateway is down", async ({ page, machine, gate, t }) => {
  const shop = await gate.create("shop", ...kTraffic);
  const open = await gate.connect(t, shop);
  await machine.gateway.stop("SIGKILL");
  await open.flush();
  await gate.refused(shop, { timeout: 10_000 });
  assert.match((await machine.sh("credgate status", { code: 1 })).stderr, /no daemon answers/);
  const start = page.next("credgate check");
  const last = await machine.sh(page.next("password="));
  const password = last.stdout.trim().split("\n").at(-1);
  const emergency = await gate.connect(t, { user: "emergency", pass: password });
  await assertMayPublish(emergency, "any.thing");
  await emergency.close();
  await gate.refused({ user: "emergency", pass: "another" }, { timeout: 10_000 });
  await machine.sh(page.next("mv /etc/nats"));
  await gate.refused({ user: "emergency", pass: password }, { timeout: 10_000 });
  await machine.sh(start);
  await gate.admitted(shop);
  // What is changed while it is down.
  const gone = await gate.create("gone", ...kTraffic);
  const left = await gate.connect(t, gone);
  await machine.sh("systemctl stop credgate");
  await gate.do("revoke", "gone", "--yes");
  await left.flush();
  await machine.sh(start);
  await left.closed();
  // A configuration that is wrong.
  await machine.sh("systemctl stop credgate");
  replaceIn(machine.config, '"accounts"', '"acounts"');
  assert.match((await machine.sh(start, { code: 78 })).stderr, /acounts/);
});

section("A credential has leaked", async ({ page, machine, gate, t }) => {
  const shop = await gate.create("shop", ...kTraffic);
  const till = await gate.create("till", ...kTraffic);
  const thief = await gate.connect(t, shop);
  await machine.sh(page.next("credgate suspend shop"));
  await thief.closed();
  await gate.denied(shop, "suspended");
  const looked = await machine.shUntil(page.next("credgate show shop"), /last_used_from +127\.0\.0\.1/);
  assert.match(looked.stdout, /suspend .*\n[^]*event=granted .*name="shop".*source="127\.0\.0\.1"/);
  await machine.sh(page.next("credgate rotate shop"));
  await gate.denied(shop, "bad_proof");
  const fresh = await gate.connect(t, { ...shop, secret: secretIn(machine, "shop.txt") });
  await fresh.flush();
  const stolen = await gate.connect(t, till);
  await machine.sh(page.next("credgate revoke till"));
  await stolen.closed();
  await gate.denied(till, "revoked");
  const over = await machine.sh(page.next("credgate sessions shop"));
  assert.match(over.stdout, /127\.0\.0\.1[^]* bad_proof [^]* revoked /);
  assert.ok(!fresh.isClosed());
});

section("Passwords are guessed, or their owners are refused", async ({ page, machine, gate }) => {
  const alice = await gate.create("alice", "--kind", "password", "--login", "alice", ...kTraffic);
  const guess = async () => {
    await Promise.all(Array.from({ length: 10 }, (_, i) => gate.refused({ ...alice, secret: `wrong ${i}` })));
    await gate.denied(alice, "throttled");
  };
  await guess();
  const list = page.next("credgate throttle list");
  assert.match((await machine.sh(list)).stdout, /^\S+ +127\.0\.0\.1 +alice +10 +1 /m);
  await machine.sh(page.next("credgate throttle clear"));
  await gate.admitted(alice);
  await guess();
  await machine.sh(page.next("sed -i"));
  await gate.admitted(alice);
});

section("The issuer key is lost", async ({ page, machine, gate }) => {
  const shop = await gate.create("shop", ...kTraffic);
  fs.rmSync(path.join(machine.etc, "keys/issuer.nk"));
  await gate.admitted(shop); // the daemon goes on
  assert.match((await machine.sh("credgate check", { code: 78 })).stderr, seen("The issuer key is lost"));
  await machine.sh(page.next("credgate init --dir /root/new"));
  await gate.admitted(shop);
  await machine.sh("credgate check");
});

section("The issuer key was stolen", async ({ page, machine, gate, t }) => {
  const shop = await gate.create("shop", ...kTraffic);
  const seed = fs.readFileSync(path.join(machine.etc, "keys/gateway.nk"), "utf8").trim();
  const thief = await gate.connect(t, { id: "thief", seed });
  const requests = [];
  thief.subscribe("$SYS.REQ.USER.AUTH", { callback: (_, message) => requests.push(message.data) });
  await thief.flush();
  await gate.admitted(shop);
  await until("the thief sees requests", () => requests.length > 0);
  const before = (await machine.sh("credgate keys list")).stdout;
  await machine.sh(page.next("credgate init --dir /root/new"));
  await gate.admitted(shop);
  await gate.refused({ id: "thief", seed });
  const after = await machine.sh(page.next("credgate keys list"));
  for (const key of before.match(/\b[AX][A-Z2-7]{55}\b/g)) assert.ok(!after.stdout.includes(key));
  await until("connections can be closed", async () => /system +connected/.test((await machine.sh("credgate status")).stdout));
});

section("The master key was stolen", async ({ page, machine, gate }) => {
  const shop = await gate.create("shop", ...kTraffic);
  await machine.sh(page.next("credgate keys add master"));
  await isReady(machine);
  const retire = page.next("credgate keys retire");
  assert.match((await machine.sh(retire, { code: 5 })).stderr, /4 credentials are still stored/);
  await gate.admitted(shop);
  for (const admin of ["viewer", "editor", "security-officer"]) await gate.do("rotate", admin, "--overlap", "0");
  await machine.shUntil(retire, /removed master\.key from/);
  const listed = await machine.sh(page.next("systemctl restart credgate"));
  assert.match(listed.stdout, /^master +master-2\.key/m);
  assert.doesNotMatch(listed.stdout, /^master +master\.key/m);
  await gate.admitted(shop);
  await isReady(machine);
});

section("The master key is lost", async ({ page, machine, gate }) => {
  const shop = await gate.create("shop", ...kTraffic);
  const token = await gate.create("token", "--kind", "token", ...kTraffic);
  const alice = await gate.create("alice", "--kind", "password", ...kTraffic);
  const robot = await gate.create("robot", "--kind", "nkey", ...kTraffic);
  fs.rmSync(path.join(machine.etc, "keys/master.key"));
  await gate.admitted(shop); // the daemon goes on
  assert.match((await machine.sh("credgate check", { code: 78 })).stderr, seen("The master key is lost"));
  const verified = await machine.sh(page.next("(umask 077"), { code: 1 });
  assert.match(verified.stdout, /accepted the store at entry \d+[^]* which is not configured/);
  await gate.denied(shop, "bad_proof");
  await gate.denied(token, "bad_proof");
  await gate.admitted(alice);
  await gate.admitted(robot);
  await machine.sh(page.next("credgate list --status active"));
  await gate.admitted({ ...shop, secret: secretIn(machine, "shop.txt") });
});

section("The disk or the map is full", async ({ page, machine, gate, t }) => {
  const shop = await gate.create("shop", ...kTraffic);
  const live = await gate.connect(t, shop);
  const line = (i, n) => JSON.stringify({ name: `n${i}-${n}`, token: `t ${i} ${n}`, capabilities: ["publish"], subjects: ["a"] });
  const file = path.join(machine.dir, "root/many.jsonl");
  let full;
  for (let i = 0; full === undefined && i < 100; i++) {
    fs.writeFileSync(file, Array.from({ length: 50 }, (_, n) => line(i, n)).join("\n"));
    const done = await gate.command("import", file);
    if (done.code !== 0) full = done.stderr;
  }
  assert.match(full, /the map is nearly full/);
  const untilRefused = async (act) => {
    for (let n = 0; n < 500; n++) {
      const { code, stderr } = await act(n);
      if (code !== 0) return stderr;
    }
    return assert.fail("nothing was refused");
  };
  assert.match(await untilRefused((n) => gate.command("create", `extra${n}`, ...kTraffic)), /the map is nearly full.*store\.map_size/);
  assert.match(await untilRefused(() => gate.command("kick", "n0-0")), /the map is nearly full/);
  await gate.admitted(shop);
  await machine.gateway.line(/event=usage_lost .*the map is nearly full/);
  await gate.do("suspend", "shop");
  await live.closed();
  await gate.denied(shop, "suspended");
  await gate.do("revoke", "n0-0", "--yes");
  await machine.sh(page.next("credgate history --since 1d"));
  await machine.sh(page.next("credgate history --prune 90d --yes"));
  await machine.sh(page.next("sed -i"));
  assert.ok(secretIn(machine, "more.txt"));
}, { edit: (text) => text.replace('/store" }', '/store", "map_size": "1MiB" }') });

section("The store is damaged or lost", async ({ page, machine, gate }) => {
  const shop = await gate.create("shop", ...kTraffic);
  const till = await gate.create("till", ...kTraffic);
  await machine.sh(page.next("credgate backup"));
  await gate.do("revoke", "till", "--yes");
  await gate.denied(till, "revoked");
  await gate.do("rotate", "shop", "--overlap", "0");
  await machine.sh("systemctl stop credgate");
  const data = path.join(machine.etc, "store/data.mdb");
  const bytes = fs.readFileSync(data);
  for (let at = bytes.indexOf("shop"); at !== -1; at = bytes.indexOf("shop", at + 1)) bytes[at] ^= 1;
  fs.writeFileSync(data, bytes);
  const broken = await machine.sh(page.next("credgate check --deep"), { code: 1 });
  assert.match(broken.stderr, /the store is damaged; restore it/);
  const restored = await machine.sh(page.next("systemctl stop credgate"));
  assert.match(restored.stdout, /^revoked again +CG\w+ +till +\d+$/m);
  assert.match(restored.stdout, /^to be rotated +CG\w+ +shop +\d+$/m);
  assert.doesNotMatch(restored.stdout, /not complete/);
  await machine.sh(page.next("credgate rotate shop"));
  await machine.sh(page.next("systemctl start credgate"));
  await gate.denied(till, "revoked");
  await gate.denied(shop, "bad_proof");
  await gate.admitted({ ...shop, secret: secretIn(machine, "shop.txt") });
  await machine.sh("credgate check --deep");
});

section("The store went back in time", async ({ page, machine, gate }) => {
  const shop = await gate.create("shop", ...kTraffic);
  const till = await gate.create("till", ...kTraffic);
  await machine.sh("systemctl stop credgate; cp -r /var/lib/credgate/store /var/lib/credgate/copy");
  await gate.do("revoke", "till", "--yes");
  await machine.sh("mv /var/lib/credgate/store /var/lib/credgate/store.newest; mv /var/lib/credgate/copy /var/lib/credgate/store");
  assert.match((await machine.sh("credgate serve", { code: 78 })).stderr, /went back in time/);
  await machine.sh(page.next("mv /var/lib/credgate/store"));
  await gate.denied(till, "revoked");
  await gate.admitted(shop);
});

section("The store's disk is read-only", async ({ page, machine, gate }) => {
  const shop = await gate.create("shop", ...kTraffic);
  await machine.sh(page.next("findmnt"));
  await machine.sh(page.next("systemctl restart credgate"));
  await gate.admitted(shop);
});

section("The store was stolen", async ({ page, machine, gate }) => {
  const alice = await gate.create("alice", "--kind", "password", ...kTraffic);
  await machine.sh(page.next("credgate list"));
  const fresh = { ...alice, secret: secretIn(machine, "alice.txt") };
  await gate.admitted(alice);
  await gate.admitted(fresh);
});

section("Clocks are wrong", async ({ page, machine, gate }) => {
  const shop = await gate.create("shop", ...kTraffic);
  machine.gatewayEnvironment = await wrongClock(machine.dir, 120);
  await machine.sh("systemctl restart credgate");
  await machine.gateway.line(/event=connected/);
  const status = page.next("date -u");
  await gate.refused(shop, { timeout: 10_000 });
  await machine.shUntil(status, /ready +NO: this machine's clock is ahead of that of nats-server[^]* \(expired \d+\)/, { code: 1 });
  await machine.sh(page.next("sed -i"));
  await isReady(machine);
  await gate.admitted(shop);
});

testParts(new Page("what-to-do-when.md"), parts);
