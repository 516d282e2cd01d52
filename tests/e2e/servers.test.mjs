// The nats-servers that commands and the daemon are told of, and the context files that tell them.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { Gate } from "./support/gate.mjs";
import { freePort } from "./support/ports.mjs";
import { run } from "./support/processes.mjs";
import { credgate, natsClient } from "./support/programs.mjs";

const [kDone, kFault, kUsage, kConfiguration] = [0, 1, 2, 78];
const right = "must be nats://host:4222 or tls://host:4222";

test("a server that IPAddressDeny= of the unit blocks is not called one that is down", async (t) => {
  const gate = await Gate.make(t);
  // Runs the daemon where the kernel drops what it sends, as systemd has it.
  const launcher = path.join(path.dirname(natsClient), "deny_addresses");
  const blocked = gate.spawnGateway({ launcher });
  const line = await blocked.line(/event=connect_failed/);
  assert.match(line, /error="127\.0\.0\.1 is blocked on this machine, in a unit by IPAddressDeny= \(doc\/service\.md, remote-nats-server\.conf\); connect to nats:/);
  const down = await Gate.make(t, { start: false });
  assert.doesNotMatch(await down.spawnGateway().line(/event=connect_failed/), /blocked/);
});

test("commands over NATS", async (t) => {
  const gate = await Gate.make(t, { admins: true });
  await gate.gateway.line(/event=admin_connected/);
  const nobody = `nats://127.0.0.1:${await freePort()}`;
  const viewer = JSON.parse(fs.readFileSync(path.join(gate.init.admins, "viewer.json"), "utf8"));
  const home = path.join(gate.dir, "home");
  fs.mkdirSync(home);
  const file = (name, text, mode = 0o600) => {
    const at = path.join(home, name);
    fs.writeFileSync(at, typeof text === "string" ? text : JSON.stringify(text));
    fs.chmodSync(at, mode);
    return at;
  };
  const list = (args, env = {}) => run(credgate, ["list", ...args], { env: { ...process.env, HOME: home, ...env } });
  const byContext = (name, context, mode, env) => list(["--context", file(name, context, mode)], env);
  const succeeds = (done) => assert.equal(done.code, kDone, done.stderr);
  const fails = (done, code, message) => {
    assert.equal(done.code, code, done.stderr);
    assert.match(done.stderr, message);
  };

  await t.test("reach the one of several servers that is there", async () => {
    for (const url of [`${nobody},${gate.url}`, `${gate.url}, ${nobody}`, gate.url.replace("nats://", "")]) {
      succeeds(await byContext("several.json", { ...viewer, url }));
    }
    const login = ["--user", viewer.user, "--user-password-file", file("password", `${viewer.password}\n`)];
    succeeds(await list(["--server", `${nobody},${gate.url}`, ...login]));
    fails(await list(["--server", nobody, ...login]), kFault, new RegExp(`connect to ${nobody}`));
  });

  await t.test("say which server is wrong, and never a password in it", async () => {
    for (const [url, message] of [
      [`${gate.url},`, `has an empty entry; each ${right}`],
      [`${gate.url},http://a`, `"http://a" ${right}`],
      ["nats://a:x", `"nats://a:x" ${right}`],
      ["nats://bob:hunter2@127.0.0.1", `must not hold a user or a password; each entry ${right}`],
    ]) {
      const byFile = await byContext("wrong.json", { ...viewer, url });
      fails(byFile, kUsage, new RegExp(`--context ${home}/wrong\\.json: url: ${message}`));
      const byOption = await list(["--server", url, "--user", viewer.user]);
      fails(byOption, kUsage, new RegExp(`--server: ${message}`));
      assert.doesNotMatch(byFile.stderr + byOption.stderr, /hunter2/);
    }
  });

  await t.test("send no password where tls:// was asked for and there is no TLS", async () => {
    const url = gate.url.replace("nats://", "tls://");
    for (const servers of [url, `${url},${gate.url}`]) {
      fails(await byContext("tls.json", { ...viewer, url: servers }), kFault, /connect to tls:.*[Ss]ecure/);
    }
  });

  await t.test("read a context whose password nobody else can read, and only such a one", async () => {
    for (const mode of [0o644, 0o640, 0o602]) {
      fails(await byContext("open.json", viewer, mode), kConfiguration, /open\.json: other users can read or write this file.*chmod 600/);
    }
    const { user, password, ...rest } = viewer;
    fails(await byContext("open.json", { ...rest, token: `${user}.${password}` }, 0o644), kConfiguration, /open\.json: other users/);
    succeeds(await byContext("open.json", viewer, 0o400));
    const options = ["--server", gate.url, "--user", viewer.user, "--user-password-file"];
    fails(await list([...options, file("open.txt", viewer.password, 0o644)]), kConfiguration, /--user-password-file .*other users/);
  });

  await t.test("find the files of a context at home, and beside it", async () => {
    const by = ["--account", "ADMIN", "--kind", "nkey", "--allow-pub", "credgate.v1.credentials.>"];
    const { seed, inbox } = await gate.create("by-nkey", ...by);
    file("admin.nk", seed);
    for (const nkey of ["~/admin.nk", "admin.nk", path.join(home, "admin.nk")]) {
      // There is no secret in this one.
      succeeds(await byContext("nkey.json", { url: gate.url, nkey, inbox_prefix: inbox }, 0o644));
    }
    const context = { url: gate.url, nkey: "~/admin.nk", inbox_prefix: inbox };
    fails(await byContext("nkey.json", context, 0o644, { HOME: "" }), kUsage, /nkey: ~\/admin\.nk: ~ needs the variable HOME/);
    fails(await byContext("none.json", { url: gate.url, inbox_prefix: inbox }), kUsage, /none\.json: has none of `user`, `token`, `creds` and `nkey`/);
    fails(await byContext("half.json", { ...viewer, cert: "~/a.pem" }), kUsage, /half\.json: needs both `cert` and `key`/);
    fails(await byContext("two.json", { ...viewer, nkey: "admin.nk" }), kUsage, /two\.json: a user and an nkey are given; leave all but one out/);
    fails(await byContext("two.json", { ...viewer, token: "a" }), kUsage, /two\.json: a user and a token are given/);
    fails(await byContext("two.json", { ...context, creds: "a" }), kUsage, /two\.json: an nkey and credentials are given/);
    fails(await byContext("nsc.json", { ...viewer, nsc: "nsc://a" }), kUsage, /nsc\.json: `nsc` is not supported: run nsc generate creds/);
    file("admin.nk", seed, 0o644);
    fails(await byContext("nkey.json", context), kConfiguration, /admin\.nk: other users/);
  });

  await t.test("refuse credentials that others can read, where they log in by themselves", async () => {
    const creds = file("a.creds", "x", 0o644);
    fails(await byContext("creds.json", { url: gate.url, creds, inbox_prefix: "a" }), kConfiguration, /a\.creds: other users/);
  });
});

test("the daemon", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const nobody = `nats://127.0.0.1:${await freePort()}`;
  const original = fs.readFileSync(gate.config, "utf8");
  const withUrl = (url) => fs.writeFileSync(gate.config, original.replace(`"url": "${gate.url}"`, `"url": ${JSON.stringify(url)}`));

  await t.test("connects to the one of several servers that is there", async () => {
    await gate.startServer();
    for (const url of [`${nobody},${gate.url}`, [nobody, gate.url]]) {
      withUrl(url);
      assert.notEqual(fs.readFileSync(gate.config, "utf8"), original);
      await gate.do("check");
      await gate.startGateway();
      await gate.gateway.line(/event=system_connected/);
      await gate.gateway.stop();
    }
  });

  await t.test("does not begin with a list that is wrong", async () => {
    for (const [url, message] of [
      [`${gate.url},`, `nats.url: has an empty entry; each ${right}`],
      [`${gate.url} ${nobody}`, `nats.url: "${gate.url} ${nobody}" ${right}`],
      ["nats://bob:hunter2@127.0.0.1", "nats.url: must not hold a user or a password"],
    ]) {
      withUrl(url);
      const done = await gate.command("check");
      assert.equal(done.code, kConfiguration);
      assert.ok(done.stderr.includes(message), done.stderr);
      assert.doesNotMatch(done.stderr, /hunter2/);
    }
  });

  await t.test("does not go on without TLS where tls:// asks for it", async () => {
    withUrl(gate.url.replace("nats://", "tls://"));
    const gateway = gate.spawnGateway();
    assert.match(await gateway.line(/event=connect_failed/), /[Ss]ecure/);
    assert.doesNotMatch(gateway.log, /event=connected/);
  });
});
