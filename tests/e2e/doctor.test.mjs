// `credgate doctor`: every broken configuration here is one that nats-server takes, so that it is a problem
// and no misspelling, and what `init` makes has none.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { createAccount, createCurve, createUser } from "@nats-io/nkeys";
import { Gate } from "./support/gate.mjs";
import { editAccount } from "./support/operator_jwt.mjs";
import { run } from "./support/processes.mjs";
import { credgate, hasDefaultSentinel, natsServer, serverVersion } from "./support/programs.mjs";
import { rawConnect } from "./support/raw_connect.mjs";

const kVersion = serverVersion.join(".");
const kRoot = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../..");
const kPassword = "a password of old";
const newer = (...version) => {
  const at = serverVersion.findIndex((number, i) => number !== version[i]);
  return at === -1 || serverVersion[at] > version[at];
};

// The checks that doctor names, and its exit code, which must fit them.
async function diagnose(gate, ...args) {
  const done = await gate.command("doctor", "--json", ...args);
  assert.ok(done.json, done.stderr);
  const errors = done.json.findings.filter(({ severity }) => severity === "error");
  assert.equal(done.code, errors.length === 0 ? 0 : 1, done.stdout);
  assert.ok(!done.stdout.includes(kPassword), "a password is shown");
  return { ...done.json, checks: done.json.findings.map(({ check }) => check).sort() };
}

async function acceptedByServer(file) {
  const done = await run(natsServer, ["-t", "-c", file]);
  assert.equal(done.code, 0, done.stderr);
}

const lineOf = (text, part) => text.slice(0, text.indexOf(part)).split("\n").length;

test("what init makes has no finding", async (t) => {
  for (const mode of ["config", "operator"]) {
    await t.test(`in ${mode} mode`, async (t) => {
      const gate = await Gate.make(t, { start: false, mode });
      await acceptedByServer(gate.serverConfig);
      const found = await diagnose(gate);
      assert.deepEqual([found.findings, found.checked.unseen, found.checked.mode], [[], [], mode]);
      const { code, stdout } = await gate.command("doctor", "--server-version", "2.15.1");
      assert.equal(code, 0);
      assert.match(stdout, /^checked .*nats-server\.conf against/);
      assert.match(stdout, /nats-server 2\.15\.1\nno problem found\n$/);
    });
  }
});

test("each check is named with its line", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const good = gate.serverText();
  const [gateway, system] = [...good.matchAll(/nkey: (U\w+)/g)].map((match) => match[1]);
  const app = "APP { jetstream: enabled";
  const bob = `users: [ { user: bob, password: "${kPassword}" } ]`;
  const other = createUser().getPublicKey();
  const hasAllowedAccounts = newer(2, 11, 0);

  // What is replaced by what, and which checks that is; `line`: what stands in the line that is named first.
  const rows = [
    ["a timeout with a unit", "timeout: 5", 'timeout: "5s"', ["string_timeout"]],
    ["a timeout of a second", "timeout: 5", "timeout: 1", ["short_timeout"]],
    ["a user for strangers", app, `${app}, ${bob}`, ["no_auth_user", "static_user_delegated"], { more: "no_auth_user: bob", line: "no_auth_user: bob" }],
    ["a second user in the callout account", `{ nkey: ${gateway}`, `{ user: bob, password: "${kPassword}" }\n { nkey: ${gateway}`, ["users_in_callout_account"], { line: "user: bob" }],
    ["a user outside auth_users", app, `${app}, ${bob}`, ["static_user_delegated"]],
    ["a user in auth_users", app, `${app}, ${bob}`, ["static_user_let_by"], { edit: (text) => text.replace("auth_users: [ ", "auth_users: [ bob, ") }],
    ["no xkey", /^ *xkey: .*\n/m, "", ["xkey_mismatch"], { line: "auth_callout {" }],
    ["another xkey", /xkey: .*/, `xkey: ${createCurve().getPublicKey()}`, ["xkey_mismatch"]],
    ["another issuer", /issuer: .*/, `issuer: ${createAccount().getPublicKey()}`, ["issuer_mismatch"]],
    ["another callout account", "    account: AUTH", "    account: APP", ["callout_account_mismatch", "gateway_not_in_callout_account"], { line: "{ nkey:" }],
    ["no callout account", "    account: AUTH\n", "\n", ["callout_account_mismatch", "callout_in_global_account", "gateway_not_in_callout_account"], { line: "{ nkey:" }],
    ["credgate's nkey in no account", `{ nkey: ${gateway}`, `{ nkey: ${other}`, ["gateway_not_in_callout_account", "users_in_callout_account"]],
    ["credgate's nkey not in auth_users", `auth_users: [ ${gateway}, `, "auth_users: [ ", ["gateway_not_in_auth_users"], { line: "auth_callout {" }],
    ["credgate may not answer", '"$SYS._INBOX.>",', "", ["missing_permissions"], { line: "{ nkey:" }],
    ["no system account", "system_account: SYS\n", "\n", ["system_account_mismatch"], { line: "#" }],
    ["no user in the system account", `{ nkey: ${system}`, `{ nkey: ${other}`, ["static_user_delegated", "system_user_missing"], { line: "system_account: SYS" }],
    ["an account that is missing", `  ${app}`, "  APPS { jetstream: enabled", ["account_not_defined"], { line: "#" }],
    ["default permissions", app, `${app}, default_permissions: { publish: "a" }`, ["default_permissions_unused"]],
    ["leafnodes that log in themselves", "# No no_auth_user", `leafnodes { listen: "127.0.0.1:-1", authorization { user: leaf, password: "${kPassword}" } }\n# `, ["leafnode_users"]],
    ["leafnodes that credgate is asked about", "# No no_auth_user", 'leafnodes { listen: "127.0.0.1:-1" }\n# ', ["leafnode_publish"]],
    ["an address that clients choose", "# No no_auth_user", "proxy_protocol: true\n# ", ["proxy_protocol"], { refused: !newer(2, 12, 2) }],
    ["events for every account", '"credgate.v1.events.>", accounts: [ADMIN]', '"credgate.v1.events.>"', ["public_exports"], { line: '{ stream: "credgate.v1.events.>" }' }],
    ["a timeout that no callout waits for", "# No no_auth_user", "leafnodes { authorization { timeout: 9 } }\n# ", ["listener_timeout"]],
    ["no auth_callout", /auth_callout \{[^}]*\}/, "", ["no_auth_callout"], { line: "authorization {" }],
    ["no one to ask about the system account", "system_account: SYS\n", "no_system_account: true\n", ["no_system_account"]],
    ["accounts whose users are not asked about", app, `${app}, ${bob}`, ["static_user_let_by"], { edit: (text) => text.replace("xkey:", "allowed_accounts: [ AUTH, SYS ]\n    xkey:"), refused: !hasAllowedAccounts }],
  ];
  for (const [what, from, to, checks, { more = "", edit = (text) => text, line = to.split("\n")[0], refused = false } = {}] of rows) {
    await t.test(what, async () => {
      const text = `${edit(good.replace(from, () => to))}\n${more}\n`;
      assert.notEqual(text, `${good}\n\n`);
      const file = path.join(gate.dir, "broken.conf");
      fs.writeFileSync(file, text);
      if (!refused) await acceptedByServer(file);
      const found = await diagnose(gate, file);
      assert.deepEqual(found.checks, checks);
      const first = found.findings[0];
      assert.deepEqual([first.file, first.line], [file, lineOf(text, line)]);
      for (const { what: said, why, remedy } of found.findings) {
        for (const sentence of [said, why, remedy]) assert.match(sentence, /^\S.*\S$/);
      }
      const { stdout, code } = await gate.command("doctor", file);
      for (const word of checks) assert.match(stdout, new RegExp(`^(error|warning)  ${word}$`, "m"));
      assert.equal(code, found.findings.some(({ severity }) => severity === "error") ? 1 : 0);
    });
  }

  await t.test("lines fit a terminal", async () => {
    const file = path.join(gate.dir, "broken.conf");
    fs.writeFileSync(file, good.replace("timeout: 5", "timeout: 5s").replace(/^ *xkey: .*\n/m, ""));
    const args = ["doctor", file, "--server-version", "2.10.27", "--config", gate.config];
    const { stdout } = await run(credgate, args, { env: { ...process.env, COLUMNS: "80" } });
    for (const line of stdout.split("\n")) assert.ok(line.length <= 80 || !line.trim().includes(" "), line);
  });

  await t.test("trace without an xkey shows passwords", async (t) => {
    const gate = await Gate.make(t, { start: false, xkey: false, server: "trace: true" });
    await acceptedByServer(gate.serverConfig);
    assert.deepEqual((await diagnose(gate)).checks, ["no_xkey", "trace_logs_passwords"]);
  });

  await t.test("what is wrong in an included file is named there", async () => {
    const file = path.join(gate.dir, "outer.conf");
    fs.writeFileSync(path.join(gate.dir, "inner.conf"), "\ntimeout: 1\n");
    fs.writeFileSync(file, good.replace("timeout: 5", "include inner.conf"));
    const [first] = (await diagnose(gate, file)).findings;
    assert.deepEqual([first.check, first.file, first.line], ["short_timeout", path.join(gate.dir, "inner.conf"), 2]);
  });

  const fails = [
    ["a configuration that is not there", ["/nonexistent.conf"], 66, /nonexistent\.conf: cannot be read/],
    ["a version that is none", ["--server-version", "new"], 2, /--server-version/],
    ["a static user without a server", ["--static-user", `bob:${gate.config}`], 2, /--live/],
    ["a static user without a file", ["--live", gate.url, "--static-user", "bob"], 2, /NAME:PASSWORD_FILE/],
    ["a url with a password", ["--live", `nats://bob:${encodeURIComponent(kPassword)}@127.0.0.1`], 2, /without a user/],
    ["a url that is none", ["--live", "http://127.0.0.1"], 2, /nats:\/\/host:port/],
    ["a server that is not there", ["--live", gate.url], 1, /--live nats:.*: Connection refused/],
  ];
  for (const [what, args, code, message] of fails) {
    await t.test(what, async () => {
      const done = await gate.command("doctor", ...args);
      assert.deepEqual([done.code, done.stdout], [code, ""]);
      assert.match(done.stderr, message);
      assert.doesNotMatch(done.stderr, /password.of.old|password%20of/);
    });
  }

  await t.test("a configuration that nats-server does not take ends with 78", async () => {
    const file = path.join(gate.dir, "bad.conf");
    fs.writeFileSync(file, `${good}\naccounts {`);
    const done = await gate.command("doctor", file);
    assert.equal(done.code, 78);
    assert.match(done.stderr, /bad\.conf:\d+: /);
  });
});

test("leafnodes: the credentials that list LEAFNODE are named, and the store is not needed", async (t) => {
  const gate = await Gate.make(t, { start: false, server: 'leafnodes { listen: "127.0.0.1:-1" }' });
  const said = async (...args) => (await diagnose(gate, ...args)).findings.find(({ check }) => check === "leafnode_publish");
  assert.match((await said()).what, /No credential lists LEAFNODE\.$/);
  const edge = await gate.create("edge", "--publish", "--subjects", "a", "--connection-types", "LEAFNODE");
  await gate.create("shop", "--publish", "--subjects", "a", "--connection-types", "STANDARD");
  for (const [version, severity] of [["2.10.27", "error"], ["2.12.6", "error"], ["2.12.7", "warning"], ["2.15.1", "warning"]]) {
    const finding = await said("--server-version", version);
    assert.equal(finding.severity, severity, version);
    assert.ok(finding.what.endsWith(`What lists LEAFNODE: ${edge.id} "edge".`), finding.what);
  }
  fs.renameSync(path.join(gate.dir, "store"), path.join(gate.dir, "away"));
  const { checked, checks } = await diagnose(gate);
  assert.deepEqual(checks, ["leafnode_publish"]);
  assert.match(checked.unseen.join(), /^The store was not asked: /);
});

test("a version has the checks of its own", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const checks = async (...args) => (await diagnose(gate, ...args)).checks;
  assert.deepEqual(await checks("--server-version", "2.10.27"), ["forged_headers", "known_advisories", "unchecked_signer"]);
  assert.deepEqual(await checks("--server-version", "2.9.10"), ["forged_headers", "known_advisories", "needs_newer_server", "unchecked_signer"]);
  assert.deepEqual(await checks("--server-version", "2.11.17"), ["known_advisories", "unchecked_signer"]);
  assert.deepEqual(await checks("--server-version", "2.12.14"), ["unchecked_signer"]);
  assert.deepEqual(await checks("--server-version", "2.15.1"), []);
});

// --------------------------------------------------------------------------------- operator mode

test("the JWTs of operator mode are looked into", async (t) => {
  const rows = [
    ["credgate not in auth_users", "callout", (nats) => (nats.authorization.auth_users = [createUser().getPublicKey()]), ["gateway_not_in_auth_users", "users_in_callout_account"]],
    ["no callout", "callout", (nats) => delete nats.authorization, ["account_not_allowed", "account_not_allowed", "no_auth_callout"]],
    ["no xkey", "callout", (nats) => delete nats.authorization.xkey, ["xkey_mismatch"]],
    ["every account allowed", "callout", (nats) => (nats.authorization.allowed_accounts = ["*"]), []],
    ["one account not allowed", "callout", (nats) => nats.authorization.allowed_accounts.pop(), ["account_not_allowed"]],
    ["exports that need no activation", "callout", (nats) => nats.exports.forEach((one) => delete one.token_req), ["public_exports"]],
    ["a signing key taken out", "app", (nats) => (nats.signing_keys = []), ["account_key_unknown"]],
    ["a scoped signing key", "app", (nats) => (nats.signing_keys = nats.signing_keys.map((key) => ({ kind: "user_scope", key, role: "r", template: { pub: {}, sub: {}, subs: -1, data: -1, payload: -1 } }))), ["scoped_mismatch"]],
  ];
  for (const [what, whose, edit, checks] of rows) {
    await t.test(what, async (t) => {
      const gate = await Gate.make(t, { start: false, mode: "operator" });
      const id = whose === "callout" ? gate.init.callout_account : gate.init.accounts.APP;
      editAccount(gate, id, edit);
      await acceptedByServer(gate.serverConfig);
      assert.deepEqual((await diagnose(gate)).checks, checks);
    });
  }

  await t.test("a default_sentinel that credgate does not know", async (t) => {
    const gate = await Gate.make(t, { start: false, mode: "operator", sentinel: false });
    if (hasDefaultSentinel) await acceptedByServer(gate.serverConfig);
    assert.deepEqual((await diagnose(gate)).checks, []);
    gate.editConfig((text) => text.replace(/"sentinels": \["\w+"\]/, `"sentinels": ["${createUser().getPublicKey()}"]`));
    assert.deepEqual((await diagnose(gate)).checks, ["sentinel_mismatch"]);
  });
});

// ----------------------------------------------------------------------------- a server that runs

function passwordFile(gate, name, text = kPassword) {
  const file = path.join(gate.dir, `${name}.password`);
  fs.writeFileSync(file, text, { mode: 0o600 });
  return `${name}:${file}`;
}

const withUsers = (text) =>
  text
    .replace("APP { jetstream: enabled", `APP { jetstream: enabled, users: [ { user: inside, password: "${kPassword}" }, { user: outside, password: "${kPassword}" } ]`)
    .replace("auth_users: [ ", "auth_users: [ inside, ");

test("a server that runs is asked", async (t) => {
  for (const mode of ["config", "operator"]) {
    await t.test(`in ${mode} mode it refuses strangers, and its version is known`, async (t) => {
      const gate = await Gate.make(t, { mode });
      const found = await diagnose(gate, "--live", gate.url);
      assert.equal(found.checked.server_version, kVersion);
      assert.deepEqual(found.checked.live, { url: gate.url, anonymous_let_in: false, stranger_let_in: false, static_users: [] });
      assert.deepEqual(found.findings.filter(({ severity }) => severity === "error"), []);
      const { stdout } = await gate.do("doctor", "--live", gate.url);
      assert.match(stdout, new RegExp(`nats-server ${kVersion}`));
      assert.match(stdout, /^asked +nats:.*without a credential refused, a stranger refused$/m);
      if (mode === "config") await gate.gateway.line(/event=denied reason="unknown_credential"/);
    });
  }

  await t.test("a user in auth_users is let in, one outside is refused, and its credential is let in", async (t) => {
    const gate = await Gate.make(t, { start: false });
    gate.editServerConfig(withUsers);
    await gate.startServer();
    await gate.startGateway();
    const password = path.join(gate.dir, "shop.password");
    fs.writeFileSync(password, kPassword);
    await gate.do("create", "shop", "--kind", "password", "--login", "shop", "--password-file", password, "--publish", "--subjects", "a");
    const users = ["inside", "outside", "shop"].map((name) => passwordFile(gate, name));
    const args = ["--live", gate.url, ...users.flatMap((user) => ["--static-user", user]), "--static-user", passwordFile(gate, "nobody", "wrong")];
    const found = await diagnose(gate, ...args);
    assert.deepEqual(found.checked.live.static_users, [
      { user: "inside", let_in: true },
      { user: "outside", let_in: false },
      { user: "shop", let_in: true },
      { user: "nobody", let_in: false },
    ]);
    const of = (check) => found.findings.filter((finding) => finding.check === check).map(({ what }) => what);
    assert.deepEqual(of("static_user_let_in"), ['The user "inside" was let in.']); // shop by credgate
    assert.match(of("static_user_let_by")[0], /"inside"/);
    assert.match(of("static_user_delegated")[0], /"outside"/);
  });

  if (newer(2, 11, 0)) {
    await t.test("a user of the global account is asked about, whatever accounts are allowed", async (t) => {
      const gate = await Gate.make(t, { start: false });
      gate.editServerConfig((text) => text
        .replace("timeout: 5", `timeout: 5, users: [ { user: outside, password: "${kPassword}" } ]`)
        .replace("xkey:", "allowed_accounts: [ AUTH, SYS, APP ]\n    xkey:"));
      await gate.startServer();
      await gate.startGateway();
      const found = await diagnose(gate, "--live", gate.url, "--static-user", passwordFile(gate, "outside"));
      assert.deepEqual(found.checked.live.static_users, [{ user: "outside", let_in: false }]);
      assert.ok(found.checks.includes("static_user_delegated") && !found.checks.includes("static_user_let_by"));
      await gate.gateway.line(/event=denied reason="unknown_credential" id="outside"/);
    });
  }

  await t.test("a no_auth_user that is in auth_users lets anybody in", async (t) => {
    const gate = await Gate.make(t, { start: false, server: "no_auth_user: inside" });
    gate.editServerConfig(withUsers);
    await gate.startServer();
    await gate.startGateway();
    assert.deepEqual(await rawConnect(gate, {}), ["PONG"]);
    const found = await diagnose(gate, "--live", gate.url);
    assert.equal(found.checked.live.anonymous_let_in, true);
    assert.equal(found.findings[0].severity, "error");
    assert.ok(found.checks.includes("anonymous_let_in") && found.checks.includes("no_auth_user"));
  });

  await t.test("any other lets in who sends PING without CONNECT, where the server has that hole", async (t) => {
    const gate = await Gate.make(t, { start: false, server: "no_auth_user: outside" });
    gate.editServerConfig(withUsers);
    await gate.startServer();
    await gate.startGateway();
    const hole = !newer(2, 12, 14);
    const found = await diagnose(gate, "--live", gate.url);
    assert.equal(found.checked.live.anonymous_let_in, hole);
    const { severity } = found.findings.find(({ check }) => check === "no_auth_user");
    assert.equal(severity, "error");
  });

  await t.test("without auth_callout a stranger is still refused, and the configuration tells", async (t) => {
    const gate = await Gate.make(t, { start: false });
    gate.editServerConfig((text) => text.replace(/auth_callout \{[^}]*\}/, ""));
    await gate.startServer();
    const alone = await diagnose(gate, "--live", gate.url);
    assert.equal(alone.checked.live.stranger_let_in, false);
    assert.equal(alone.findings[0].check, "no_auth_callout");
    assert.ok(!alone.checks.includes("not_asked"));
    await gate.startGateway(); // which can tell that it was not asked
    assert.ok((await diagnose(gate, "--live", gate.url)).checks.includes("not_asked"));
  });

  await t.test("a server that asks nobody for anything lets strangers in", async (t) => {
    const gate = await Gate.make(t, { start: false });
    const good = path.join(gate.dir, "good.conf");
    fs.copyFileSync(gate.serverConfig, good);
    fs.writeFileSync(gate.serverConfig, `listen: "127.0.0.1:${gate.port}"\n`);
    await gate.startServer();
    const found = await diagnose(gate, good, "--live", gate.url);
    assert.ok(found.checks.includes("stranger_let_in") && found.checks.includes("anonymous_let_in"), found.checks.join());
  });
});

// ------------------------------------------------------------------------------------------ words

test("doc/doctor.md has every check, and no other", () => {
  const source = fs.readFileSync(path.join(kRoot, "gateway/doctor/finding.cc"), "utf8");
  const words = [...source.matchAll(/\{Check::(\w+), "(\w+)"/g)];
  for (const [, name, word] of words) assert.equal(name, word);
  const declared = /enum class Check[^{]*\{([^}]*)\}/.exec(fs.readFileSync(path.join(kRoot, "gateway/doctor/finding.h"), "utf8"))[1];
  assert.deepEqual(words.map(([, name]) => name).sort(), [...declared.matchAll(/\w+/g)].map(([name]) => name).sort());
  const documented = [...fs.readFileSync(path.join(kRoot, "doc/doctor.md"), "utf8").matchAll(/^\| `(\w+)` \|/gm)];
  assert.deepEqual(documented.map(([, word]) => word).sort(), words.map(([, word]) => word).sort());
});
