// Context files of the nats CLI: those that `init` and --context-out write lead to the server, in
// the nats CLI and in credgate's own commands.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import test from "node:test";
import { Gate } from "./support/gate.mjs";
import { temporaryDirectory } from "./support/lifetime.mjs";
import { natsCli } from "./support/nats_cli.mjs";
import { run } from "./support/processes.mjs";
import { credgate, hasDefaultSentinel, natsServer, serverVersion } from "./support/programs.mjs";

const [kDone, kFault, kUsage, kConflict] = [0, 1, 2, 4];
const kNotPermitted = 3; // of tests/client
const kList = "credgate.v1.credentials.list";
const kAdmin = ["--account", "ADMIN", "--allow-pub", kList];
const kTraffic = ["--publish", "--subjects", "orders.>"];
const kKinds = {
  key: [],
  token: ["--kind", "token"],
  password: ["--kind", "password", "--login", "alice"],
  nkey: ["--kind", "nkey"],
  creds: ["--kind", "creds"],
};

const mode = (file) => (fs.statSync(file).mode & 0o777).toString(8);
const readJson = (file) => JSON.parse(fs.readFileSync(file, "utf8"));
const names = async (gate) => (await gate.do("list", "--json")).json.map(({ name }) => name);

// Who is let in by the context: the nats CLI, and credgate's commands.
async function isUsed(file) {
  const asked = await natsCli(file, "request", kList, "{}");
  assert.match(asked.line, /^received \S+ \{"credentials"/, asked.stdout);
  const listed = await run(credgate, ["list", "--context", file, "--json"]);
  assert.equal(listed.code, kDone, listed.stderr);
}

async function isRefusedToNatsCli(file) {
  const asked = await natsCli(file, "request", kList, "{}");
  assert.match(asked.line, /^(refused|failed: connect): /, asked.stdout);
}

// [mode, whether nats-server has a default_sentinel]
const kWorlds = [["config", false], ["operator", false], ...(hasDefaultSentinel ? [["operator", true]] : [])];

for (const [world, byDefault] of kWorlds) {
  const operator = world === "operator";
  test(`contexts in mode ${world}${byDefault ? ", with a default_sentinel" : ""}`, async (t) => {
    const gate = await Gate.make(t, { mode: world, sentinel: !byDefault, admins: true });
    await gate.gateway.line(/event=admin_connected/);
    const dir = path.join(gate.dir, "clients");
    fs.mkdirSync(dir);
    const create = (name, file, ...args) => gate.command("create", name, ...kAdmin, ...args, "--context-out", file, "--json");

    await t.test("init writes those of the admins", async () => {
      for (const name of ["viewer", "editor", "security-officer"]) {
        const file = path.join(gate.init.admins, `${name}.json`);
        await isUsed(file);
        assert.equal(mode(file), "600");
      }
    });

    for (const [kind, args] of Object.entries(kKinds)) {
      if (kind === "creds" && !operator) continue; // nats-server drops them; see below
      await t.test(`a new credential of kind ${kind} gets one`, async () => {
        const file = path.join(dir, `${kind}.json`);
        const made = await create(kind, file, ...args);
        assert.equal(made.code, kDone, made.stderr);
        assert.deepEqual([made.json.name, made.json.context_out, made.json.secret], [kind, file, undefined]);
        const context = readJson(file);
        for (const written of [file, context.creds, context.nkey].filter(Boolean)) {
          assert.equal(path.dirname(written), dir);
          assert.equal(mode(written), "600");
        }
        assert.match(context.inbox_prefix, /^_CG\./);
        const needsDefault = operator && ["key", "password", "nkey"].includes(kind);
        const warnings = JSON.stringify(made.json.warnings);
        assert.equal(/--context-out:.* needs a default_sentinel/.test(warnings), needsDefault, warnings);
        assert.match(warnings, /--context-out: nats:\/\/127\.0\.0\.1:\d+ leads to the machine/);
        if (!needsDefault || byDefault) return isUsed(file);
        await isRefusedToNatsCli(file);
        if (kind === "nkey") return;
        const listed = await run(credgate, ["list", "--context", file]);
        assert.equal(listed.code, kDone, listed.stderr);
      });
    }

    await t.test("a new secret gets one, and the former context is void", async () => {
      const file = path.join(dir, "token-2.json");
      const done = await gate.command("rotate", "token", "--overlap", "0", "--context-out", file, "--context-url", gate.url);
      assert.equal(done.code, kDone, done.stderr);
      assert.match(done.stdout, new RegExp(`"token": its context for the nats CLI is in ${file}`));
      assert.doesNotMatch(done.stdout, /CG\w+\.\w{40}/);
      await isUsed(file);
      await isRefusedToNatsCli(path.join(dir, "token.json"));
    });

    await t.test("over NATS one is made with the servers of the command itself", async () => {
      const file = path.join(dir, "shop.json");
      const editor = path.join(gate.init.admins, "editor.json");
      const args = ["create", "shop", "--account", "APP", "--kind", "token", "--publish", "--subjects", "orders.>"];
      const made = await run(credgate, [...args, "--context", editor, "--context-out", file]);
      assert.equal(made.code, kDone, made.stderr);
      const context = readJson(file);
      assert.equal(context.url, gate.url);
      assert.equal(context.creds, operator ? path.join(dir, "shop.sentinel.creds") : undefined);
      // It is let in: it learns what it may not do.
      assert.equal((await natsCli(file, "pub", "other", "text")).code, kNotPermitted);
      const turned = path.join(dir, "shop-2.json");
      const rotated = await run(credgate, ["rotate", "shop", "--context", editor, "--context-out", turned]);
      assert.equal(rotated.code, kDone, rotated.stderr);
      assert.equal((await natsCli(turned, "pub", "orders.1", "text")).line, "published orders.1");
    });

    const editor = path.join(gate.init.admins, "editor.json");
    const far = (name, context, ...args) => run(credgate, ["create", name, "--account", "APP", ...kTraffic, "--context", context, ...args]);
    const admin = (context) => {
      const file = path.join(gate.dir, "admin.json");
      fs.writeFileSync(file, JSON.stringify(context), { mode: 0o600 });
      return file;
    };

    await t.test("over NATS the credentials of another user are not handed on", async () => {
      const own = path.join(gate.dir, "own.creds");
      const { json } = await gate.do("create", "own", "--account", "ADMIN", "--allow-pub", "credgate.v1.credentials.>", "--kind", "creds", "--out", own, "--json");
      const inbox = operator ? { inbox_prefix: `_CG.${json.id}` } : {}; // there the user JWT counts
      const file = path.join(dir, "handed.json");
      const made = await far("handed", admin({ ...readJson(editor), creds: own, ...inbox }), "--kind", "token", "--context-out", file);
      assert.equal(made.code, kDone, made.stderr);
      assert.equal(readJson(file).creds, undefined);
      assert.equal(fs.existsSync(path.join(dir, "handed.sentinel.creds")), false);
      assert.equal(/this command shows no sentinel.* needs a default_sentinel/.test(made.stderr), operator, made.stderr);
    });

    await t.test("over NATS credentials that nats-server would drop get a warning", async () => {
      const made = await far("dropped", editor, "--kind", "creds", "--context-out", path.join(dir, "dropped.json"));
      assert.equal(made.code, kDone, made.stderr);
      assert.equal(/--context-out: in configuration mode nats-server drops the user JWT/.test(made.stderr), !operator, made.stderr);
    });

    await t.test("over NATS a password that is not UTF-8 is refused by its option", async () => {
      const file = path.join(gate.dir, "bytes");
      fs.writeFileSync(file, Buffer.from("caf\xe9 au lait", "latin1"));
      const made = await far("bytes", editor, "--kind", "password", "--password-file", file);
      assert.deepEqual([made.code, made.stderr], [kUsage, "credgate: --password-file: must be UTF-8\n"]);
    });

    await t.test("a full disk leaves no file, and the command says that the secret is lost", async () => {
      const file = path.join(dir, "full.json");
      const urls = Array.from({ length: 99 }, (_, i) => `nats://server-${i}.example.com`).join();
      const full = ["-c", `trap "" XFSZ; ulimit -f 1; exec "$0" "$@"`, credgate]; // of 1024 bytes
      const args = ["--account", "APP", "--kind", "nkey", ...kTraffic, "--context", editor, "--context-out", file];
      const made = await run("bash", [...full, "create", "full", ...args, "--context-url", urls]);
      assert.equal(made.code, kFault, made.stdout);
      assert.match(made.stderr, /full\.json: File too large; the file is removed; the secret is lost: rotate the credential/);
      assert.deepEqual(fs.readdirSync(dir).filter((name) => name.startsWith("full.")), []);
      const turned = await run(credgate, ["rotate", "full", "--context", editor, "--context-out", file]);
      assert.equal(turned.code, kDone, turned.stderr);
    });
  });
}

test("a context that cannot be written", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const dir = path.join(gate.dir, "clients");
  fs.mkdirSync(dir);
  const file = path.join(dir, "x.json");
  const taken = path.join(dir, "x.nk");
  const traffic = kTraffic;
  let passwords = 0;
  const chosen = (text) => {
    const at = path.join(gate.dir, `password-${++passwords}`);
    fs.writeFileSync(at, Buffer.from(text, "latin1"));
    return ["--kind", "password", "--password-file", at];
  };
  const { publicKey } = await gate.create("other", "--kind", "nkey", ...traffic);
  const rows = [
    [["--sigv4"], kUsage, /--context-out: a credential that signs requests \(--sigv4\) is for AWS clients/],
    [["--kind", "cert", "--fingerprint", `sha256:${"ab".repeat(32)}`], kUsage, /--context-out: kind cert logs in with a private key/],
    [["--kind", "nkey", "--public-key", publicKey], kUsage, /--context-out: the seed of --public-key is the client's own/],
    [["--kind", "creds"], kUsage, /--context-out: in configuration mode .*use --kind nkey/],
    [["--context-url", "nats://bob:hunter2@a"], kUsage, /--context-url: must not hold a user or a password/],
    [["--kind", "nkey"], kConflict, new RegExp(`--context-out ${taken}: File exists`)],
    [["--connection-types", "WEBSOCKET,MQTT"], kUsage, /--context-out: --connection-types does not list STANDARD/],
    [["--kind", "password", "--login", "op://x/y"], kUsage, /cannot hold this: `user` must be the user name itself/],
    [chosen("env://HOME"), kUsage, /cannot hold this: `password` must be the secret itself/],
    [chosen("two\nlines"), kUsage, /cannot hold this: `password` must be printable/],
    [chosen("caf\xe9"), kUsage, /cannot hold this: `password` must be printable/],
    [["--out", file], kUsage, /--context-out: --out must name another file/],
  ];
  fs.writeFileSync(taken, "somebody's");
  for (const [args, code, message] of rows) {
    await t.test(`is refused before anything is made: ${args.map((word) => (path.isAbsolute(word) ? path.basename(word) : word)).join(" ")}`, async () => {
      const done = await gate.command("create", "x", ...traffic, ...args, "--context-out", file);
      assert.equal(done.code, code, done.stdout + done.stderr);
      assert.match(done.stderr, message);
      assert.deepEqual(await names(gate), ["other"]);
      assert.deepEqual(fs.readdirSync(dir), ["x.nk"]);
    });
  }
  for (const [name, option, args, message] of [
    [path.join(dir, "b\\xff.json"), "--context-out", [], /--context-out: the name of the file must be printable UTF-8/],
    [path.join(dir, "b\\xff.creds"), "--out", ["--json"], /--out: must be printable UTF-8 with --json/],
    [path.join(dir, "y.nk"), "--context-out", ["--kind", "nkey"], /y\.nk would also be the name of the file beside it/],
    ["-", "--context-out", [], /--context-out -: must be the path of a new file/],
    ["-", "--out", [], /--out -: must be the path of a new file/],
  ]) {
    await t.test(`is refused by its name: ${option} ${path.basename(name)}`, async () => {
      const line = `exec "$0" create x "$@" ${option} $'${name}'`;
      const done = await run("bash", ["-c", line, credgate, "--config", gate.config, ...traffic, ...args], { cwd: dir });
      assert.equal(done.code, kUsage, done.stdout + done.stderr);
      assert.match(done.stderr, message);
      assert.deepEqual([await names(gate), fs.readdirSync(dir)], [["other"], ["x.nk"]]);
    });
  }
  await t.test("does not take the place of another file", async () => {
    fs.writeFileSync(file, "{}");
    const done = await gate.command("create", "x", ...traffic, "--context-out", file);
    assert.equal(done.code, kConflict);
    assert.match(done.stderr, new RegExp(`--context-out ${file}: File exists`));
    const lone = await gate.command("create", "x", ...traffic, "--context-url", "nats://a");
    assert.equal(lone.code, kUsage);
    assert.match(lone.stderr, /--context-url is for --context-out/);
    assert.deepEqual([await names(gate), fs.readFileSync(file, "utf8")], [["other"], "{}"]);
  });
  await t.test("leaves the old secret alone where it is of a rotation", async () => {
    const before = (await gate.do("show", "other", "--json")).json.revision;
    const done = await gate.command("rotate", "other", "--context-out", path.join(dir, "x"));
    assert.equal(done.code, kConflict, done.stderr);
    assert.match((await gate.command("rotate", "nobody", "--context-out", path.join(dir, "y"))).stderr, /nobody/);
    assert.equal((await gate.do("show", "other", "--json")).json.revision, before);
    assert.deepEqual(fs.readdirSync(dir), ["x.json", "x.nk"]);
  });
  await t.test("has the password that was chosen", async () => {
    const chosen = path.join(gate.dir, "password");
    fs.writeFileSync(chosen, "correct horse\n");
    await gate.do("create", "bob", "--kind", "password", "--password-file", chosen, ...traffic, "--context-out", path.join(dir, "bob"));
    const { user, password } = readJson(path.join(dir, "bob"));
    assert.deepEqual([user, password], ["bob", "correct horse"]);
  });
});

test("a program beside a context reads the files of that, at its servers", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const file = (name) => path.join(gate.dir, name);
  const args = ["--snippet", "js", "--context-url", "nats://nats.example.com:4333", ...kTraffic];
  const made = await gate.do("create", "sensor", "--kind", "nkey", ...args, "--context-out", file("sensor.json"));
  for (const word of [file("sensor.nk"), "nats://nats.example.com:4333"]) assert.ok(made.stdout.includes(word), made.stdout);
  await t.test("and a repeated create writes to standard error alone, and names all files", async () => {
    const repeat = (n) => gate.do("create", "edge", ...args, "--request-id", "r1", "--out", file(`edge-${n}`), "--context-out", file(`edge-${n}.json`));
    await repeat(1);
    const again = await repeat(2);
    assert.equal(again.stdout, "");
    assert.match(again.stderr, /edge-2 and \S+edge-2\.json are not written/);
  });
});

// Which files there are depends on the kind, and the store that knows it belongs to another user than the
// directory of the context. Whoever is not root has nothing to change: the same holds with one's own user.
test("root gets a context in a directory of its own, from the store of another user", async (t) => {
  const root = process.getuid() === 0;
  const gate = await Gate.make(t, { start: false });
  const owner = root ? Number(execFileSync("id", ["-u", "nobody"])) : process.getuid();
  await gate.create("sensor", "--kind", "nkey", "--publish", "--subjects", "orders.>");
  if (root) {
    fs.chmodSync(path.dirname(gate.dir), 0o711); // nobody must be able to reach the store
    for (const file of ["", "data.mdb", "lock.mdb", "../store.head", "../store.head/head", "../store.head/lock"]) {
      fs.chownSync(gate.store(file), owner, owner);
    }
  }
  const mine = path.join(gate.dir, "mine");
  fs.mkdirSync(mine, { mode: 0o700 });
  await gate.do("rotate", "sensor", "--context-out", path.join(mine, "sensor.json"));
  const written = fs.readdirSync(mine);
  assert.deepEqual(written, ["sensor.json", "sensor.nk"]);
  for (const name of written) assert.equal(fs.statSync(path.join(mine, name)).uid, process.getuid());
  assert.equal(fs.statSync(gate.store("data.mdb")).uid, owner);
});

// A server that asks its clients for certificates, and the files that they need.
function certificates() {
  const dir = temporaryDirectory();
  const file = (name) => path.join(dir, name);
  const openssl = (...args) => execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
  const key = (name) => ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", file(`${name}.key`), "-subj", `/CN=${name}`];
  openssl("req", "-x509", ...key("ca"), "-days", "2", "-out", file("ca.pem"));
  fs.writeFileSync(file("server.ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  for (const [name, ...more] of [["server", "-extfile", file("server.ext")], ["client"]]) {
    openssl("req", "-new", ...key(name), "-out", file(`${name}.csr`));
    openssl("x509", "-req", "-in", file(`${name}.csr`), "-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-CAcreateserial", "-days", "2", "-out", file(`${name}.pem`), ...more);
  }
  return file;
}

test("a server that asks for certificates", async (t) => {
  const file = certificates();
  const tls = `tls { cert_file: "${file("server.pem")}", key_file: "${file("server.key")}", ca_file: "${file("ca.pem")}", verify: true, handshake_first: "100ms", timeout: 5 }`;
  const gate = await Gate.make(t, { admins: true, start: false, server: tls });
  const url = gate.url.replace("nats:", "tls:");
  gate.editConfig((text) => text.replace(`"url": "${gate.url}"`, `"url": "${url}", "ca_file": "${file("ca.pem")}", "cert_file": "${file("client.pem")}", "key_file": "${file("client.key")}"`));
  await gate.startServer();
  await gate.startGateway();
  await gate.gateway.line(/event=system_connected/);
  await gate.gateway.line(/event=admin_connected/);

  const viewer = readJson(path.join(gate.init.admins, "viewer.json"));
  const own = { ca: file("ca.pem"), cert: file("client.pem"), key: file("client.key") };
  const write = (context) => {
    fs.writeFileSync(file("context.json"), JSON.stringify(context), { mode: 0o600 });
    return file("context.json");
  };
  const list = (...args) => run(credgate, ["list", ...args]);

  await t.test("is reached by a context with certificate and key, and with nats:// or tls:// alike", async () => {
    for (const each of [url, gate.url]) await isUsed(write({ ...viewer, url: each, ...own }));
  });
  await t.test("is reached by options", async () => {
    fs.writeFileSync(file("password"), viewer.password, { mode: 0o600 });
    const login = ["--server", url, "--user", viewer.user, "--user-password-file", file("password"), "--tlsca", own.ca];
    const done = await list(...login, "--tlscert", own.cert, "--tlskey", own.key);
    assert.equal(done.code, kDone, done.stderr);
    assert.match((await list(...login, "--tlscert", own.cert)).stderr, /--tlscert needs --tlskey/);
    // A key fits one certificate: that of the context is not taken for another.
    const mixed = await list("--context", write({ ...viewer, url, ...own }), "--tlscert", own.cert);
    assert.deepEqual([mixed.code, /--tlscert needs --tlskey/.test(mixed.stderr)], [kUsage, true], mixed.stderr);
    fs.copyFileSync(own.key, file("open.key"));
    fs.chmodSync(file("open.key"), 0o644);
    const open = await list(...login, "--tlscert", own.cert, "--tlskey", file("open.key"));
    assert.match(open.stderr, /--tlskey \S+open\.key: other users can read or write this file/);
  });
  await t.test("is not asked with a context that is wrong, whose member is named", async () => {
    const done = await list("--context", write({ ...viewer, password: "env://HOME" }));
    assert.deepEqual([done.code, /context\.json: `password` must be the secret itself/.test(done.stderr)], [kUsage, true], done.stderr);
  });
  await t.test("is not reached without them", async () => {
    const { cert, key, ...ca } = own;
    const done = await list("--context", write({ ...viewer, url, ...ca }));
    assert.equal(done.code, kFault, done.stdout);
    assert.match(done.stderr, /if the server asks its clients for a certificate, give --tlscert and --tlskey, or `cert` and `key`/);
    const half = await list("--context", write({ ...viewer, url, ...ca, cert }));
    assert.deepEqual([half.code, /needs both `cert` and `key`/.test(half.stderr)], [kUsage, true], half.stderr);
  });
  await t.test("is greeted first where the context says so, or the command says that it cannot", async () => {
    // Says nothing before the client does, and then ends.
    const greeted = [];
    const silent = net.createServer((socket) => socket.on("error", () => {}).once("data", (data) => { greeted.push(data[0]); socket.end(); }));
    await new Promise((resolve) => silent.listen(0, "127.0.0.1", resolve));
    t.after(() => silent.close());
    const done = await list("--context", write({ ...viewer, url: `tls://127.0.0.1:${silent.address().port}`, ...own, tls_first: true }));
    assert.notEqual(done.code, kDone);
    const kHandshake = 22; // RFC 8446 5.1
    if (!/`tls_first` is not supported: this credgate was built with a nats\.c before 3\.9/.test(done.stderr)) {
      assert.equal(greeted[0], kHandshake, done.stderr);
    }
  });
  await t.test("makes a context with tls:// and its authority, and says what is missing", async () => {
    const out = file("new.json");
    const { json } = await gate.do("create", "x", ...kAdmin, "--context-out", out, "--json");
    const context = readJson(out);
    assert.deepEqual([context.url, context.ca], [url, own.ca]);
    assert.match(JSON.stringify(json.warnings), /add the paths of the client's certificate and key/);
    await isUsed(write({ ...context, cert: own.cert, key: own.key }));
  });
});

test("contexts never lead to an address that is only listened on", async (t) => {
  const dir = temporaryDirectory();
  const init = async (name, ...args) => {
    const done = await run(credgate, ["init", "--dir", path.join(dir, name), ...args]);
    assert.equal(done.code, kDone, done.stderr);
    const urls = ["viewer", "editor", "security-officer"].map((admin) => readJson(path.join(dir, name, "admins", `${admin}.json`)).url);
    assert.equal(new Set(urls).size, 1);
    const config = /"url": "([^"]+)"/.exec(fs.readFileSync(path.join(dir, name, "credgate.conf"), "utf8"))[1];
    const listen = /^listen: "(.+)"$/m.exec(fs.readFileSync(path.join(dir, name, "nats-server.conf"), "utf8"))[1];
    return [listen, config, urls[0]];
  };
  let count = 0;
  for (const world of ["config", "operator"]) {
    for (const [listen, reached] of [
      ["0.0.0.0:4333", "nats://127.0.0.1:4333"],
      [":4333", "nats://127.0.0.1:4333"],
      ["[::]:4333", "nats://[::1]:4333"],
      ["10.1.2.3:4333", "nats://10.1.2.3:4333"],
    ]) {
      await t.test(`in mode ${world}, listening on ${listen}`, async () => {
        assert.deepEqual(await init(`a${++count}`, "--mode", world, "--listen", listen), [listen, reached, reached]);
      });
    }
    await t.test(`in mode ${world}, where --url says how others reach it`, async () => {
      const made = await init(`a${++count}`, "--mode", world, "--listen", "0.0.0.0:4333", "--url", "tls://nats.example.com");
      assert.deepEqual(made, ["0.0.0.0:4333", "nats://127.0.0.1:4333", "tls://nats.example.com:4222"]);
    });
  }
  await t.test("and a wrong --url makes nothing", async () => {
    const done = await run(credgate, ["init", "--dir", path.join(dir, "none"), "--url", "http://a"]);
    assert.deepEqual([done.code, fs.existsSync(path.join(dir, "none"))], [kUsage, false]);
    assert.match(done.stderr, /--url: "http:\/\/a" must be nats:\/\/host:4222/);
    const vain = await run(credgate, ["init", "--dir", path.join(dir, "none"), "--url", "nats://a", "--no-admins"]);
    assert.deepEqual([vain.code, fs.existsSync(path.join(dir, "none"))], [kUsage, false]);
  });
});

test("default_sentinel is switched on where the server has it", async (t) => {
  const dir = temporaryDirectory();
  const bin = (name, script) => {
    const at = path.join(dir, name);
    fs.mkdirSync(at);
    fs.writeFileSync(path.join(at, "nats-server"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return at;
  };
  const init = async (name, args, env) => {
    const done = await run(credgate, ["init", "--mode", "operator", "--dir", path.join(dir, name), ...args], { env: { ...process.env, ...env } });
    const server = path.join(dir, name, "nats-server.conf");
    return { ...done, server, on: done.code === kDone && /^default_sentinel: /m.test(fs.readFileSync(server, "utf8")) };
  };
  const starts = ({ server }) => run(natsServer, ["-t", "-c", server]).then(({ code }) => code === 0);
  let count = 0;
  const rows = [
    [["--server-version", "2.11.1"], "/none", false, /nats-server 2\.11\.1 has no default_sentinel/],
    [["--server-version", "2.11.2"], "/none", true, /default_sentinel, which nats-server 2\.11\.2 knows/],
    [["--server-version", serverVersion.join(".")], "/none", hasDefaultSentinel, /default_sentinel/],
    [[], "/none", false, /No nats-server is in PATH to tell its version/],
    [[], path.dirname(natsServer), hasDefaultSentinel, new RegExp(`nats-server ${serverVersion.join("\\.")} `)],
    [[], `relative:${bin("a", "echo nats-server: v2.15.1")}`, true, /2\.15\.1 knows/],
    [[], path.relative(process.cwd(), bin("b", "echo nats-server: v2.15.1")), false, /No nats-server is in PATH/],
    [[], bin("c", "echo 'v2.15.1, perhaps'"), false, /No nats-server is in PATH/],
    [["--server-version", "2.10.27"], bin("d", "echo nats-server: v2.15.1"), false, /2\.10\.27 has no default_sentinel/],
  ];
  for (const [args, PATH, on, words] of rows) {
    await t.test(`with ${args.join(" ") || "no option"} and the program in ${path.basename(PATH)}`, async () => {
      const made = await init(`made${++count}`, args, { PATH });
      assert.deepEqual([made.code, made.on], [kDone, on], made.stderr);
      assert.match(made.stdout, words);
      assert.equal(await starts(made), !on || hasDefaultSentinel);
    });
  }
  await t.test("and a version that is none makes nothing", async () => {
    const made = await init("none", ["--server-version", "newest"], {});
    assert.deepEqual([made.code, fs.existsSync(path.join(dir, "none"))], [kUsage, false]);
    assert.match(made.stderr, /--server-version: must be a version such as 2\.10\.27/);
  });
});
