// Credentials that people have already, taken over; and what a credential may do, told beforehand.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { createUser } from "@nats-io/nkeys";
import { Gate } from "./support/gate.mjs";
import { Daemon, run } from "./support/processes.mjs";
import { credgate } from "./support/programs.mjs";
import { until } from "./support/waiting.mjs";

// Made with libxcrypt.
const kBcrypt = "$2a$04$abcdefghijklmnopqrstu.hkFH3f/590YhCgSy5jCgIQR3FjnyatC"; // s3cret-one
const kBcryptY = "$2y$05$ABCDEFGHIJKLMNOPQRSTU.ymwnnfL6Hht/I4DgvzW5dKnVvtoDwcO"; // s3cret-two
const kBcryptB = "$2b$04$ABCDEFGHIJKLMNOPQRSTU.AH2ogvbcPrqH4jGd94GANsKTguBzqYi"; // s3cret-three
const kMay = { capabilities: ["publish"], subjects: ["orders.>"] };

function write(gate, name, lines) {
  const file = path.join(gate.dir, name);
  const text = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
  fs.writeFileSync(file, `${text.join("\n")}\n`);
  return file;
}

test("import", async (t) => {
  const gate = await Gate.make(t);

  await t.test("passwords of every form, tokens and nkeys log in afterwards", async () => {
    const nkey = createUser();
    const file = write(gate, "good.jsonl", [
      { name: "plain", login: "plain", password: "wonderland", ...kMay },
      { name: "bcrypt-a", login: "a", password_hash: kBcrypt, ...kMay },
      { name: "bcrypt-y", login: "y", password_hash: kBcryptY, ...kMay },
      { name: "bcrypt-b", login: "b", password_hash: kBcryptB, ...kMay },
      "",
      { name: "opaque", token: "a token of old", ...kMay },
      { name: "nkey", public_key: nkey.getPublicKey(), ...kMay },
    ]);
    const done = await gate.do("import", file);
    assert.match(done.stdout, /imported 6 of 6/);
    await gate.admitted({ user: "plain", pass: "wonderland" });
    await gate.admitted({ user: "a", pass: "s3cret-one" });
    await gate.admitted({ user: "y", pass: "s3cret-two" });
    await gate.admitted({ user: "b", pass: "s3cret-three" });
    await gate.admitted({ token: "a token of old" });
    await gate.admitted({ id: "x", seed: new TextDecoder().decode(nkey.getSeed()) });
    await gate.denied({ user: "a", pass: "s3cret-two" }, "bad_proof");
    await gate.denied({ token: "another token" }, "unknown_credential");
    const { json } = await gate.do("show", "plain", "--json");
    assert.equal(json.inbox, "shared");
  });

  await t.test("a bcrypt password is Argon2id after its first good login, and still good", async () => {
    const scheme = async () => (await gate.do("show", "bcrypt-a", "--json")).json.secrets[0].scheme;
    await until("the hash is replaced", async () => (await scheme()) === "argon2id");
    await gate.admitted({ user: "a", pass: "s3cret-one" });
    await gate.denied({ user: "a", pass: "s3cret-two" }, "bad_proof");
    assert.match((await gate.do("history", "bcrypt-a")).stdout, /credgate +rehash/);
  });

  const good = { name: "new", login: "new", password_hash: kBcrypt, ...kMay };
  const bad = [
    ["no JSON", "nonsense", /:2: must be one JSON object/],
    ["an unknown member", { ...good, colour: 1 }, /:2: colour: unknown key/],
    ["a wrong type", { ...good, subjects: "orders.>" }, /:2: subjects: must be an array/],
    ["a bad subject", { ...good, subjects: ["a..b"] }, /:2: subjects: "a\.\.b"/],
    ["a range with host bits", { ...good, sources: ["10.0.0.1/8"] }, /:2: sources: /],
    ["no proof", { name: "new", ...kMay }, /:2: secrets: must be given/],
    ["two proofs", { ...good, token: "t" }, /:2: secrets: .*exactly one/],
    ["a hash that is none", { ...good, password_hash: "$1$abc" }, /:2: password_hash: /],
    ["a bcrypt hash that costs too much", { ...good, password_hash: kBcrypt.replace("$04$", "$15$") }, /:2: password_hash: /],
    ["an Argon2id hash that costs too much", { ...good, password_hash: `$argon2id$v=19$m=1048576,t=9,p=1$${"A".repeat(22)}$${"A".repeat(43)}` }, /:2: password_hash: /],
    ["an account that is not configured", { ...good, account: "AUTH" }, /:2: account: "AUTH" is not configured/],
    ["nothing that it may do", { ...good, capabilities: [], subjects: [] }, /:2: capabilities: must include/],
    ["the form of an id as login", { ...good, login: "CGAAAAAAAAAAAAAAAAAA" }, /:2: login: must not have the form of an id/],
    ["a name that is taken", { ...good, name: "plain" }, /:2: .*"plain" is taken/],
    ["a login that is taken", { ...good, login: "plain" }, /:2: the user name "plain" is taken by CG/],
    ["a name of an earlier line", { ...good, name: "first" }, /:2: name: is also used by an earlier line/],
    ["a login of an earlier line", { ...good, login: "first" }, /:2: login: is also used by an earlier line/],
    ["a token of ours", { name: "new", token: "CGAAAAAAAAAAAAAAAAAA.x", ...kMay }, /:2: token: /],
  ];
  const exported = (kind, login) => ({ kind, secrets: [{ scheme: "public_key", key_id: "", login, created_at: "2026-01-01T00:00:00Z" }] });
  const kKey = createUser().getPublicKey();
  await t.test("one public key as nkey and as creds: the second line is refused by the check", async () => {
    const lines = [{ name: "as-nkey", public_key: kKey, ...kMay }, { name: "as-creds", ...exported("creds", kKey), ...kMay }];
    const done = await gate.command("import", write(gate, "twice.jsonl", lines));
    assert.equal(done.code, 2, done.stderr);
    assert.match(done.stderr, /:2: login: is also used by an earlier line/);
  });

  const first = { name: "first", login: "first", password_hash: kBcrypt, ...kMay };
  for (const [what, line, message] of bad) {
    await t.test(`${what}: the line is named, and nothing is kept`, async () => {
      const before = (await gate.do("check", "--json")).json;
      const done = await gate.command("import", write(gate, "bad.jsonl", [first, line]));
      assert.equal(done.code, 2, done.stderr);
      assert.match(done.stderr, message);
      assert.match(done.stderr, /1 of 2 lines were refused; nothing was imported/);
      assert.doesNotMatch(done.stderr, /\$2a\$1/, "a hash in a message");
      assert.deepEqual((await gate.do("check", "--json")).json, before);
    });
  }

  await t.test("--continue keeps the good lines and reports the others", async () => {
    const lines = [first, ...bad.map(([, line]) => line), { ...good, name: "last", login: "last" }];
    const done = await gate.command("import", "--continue", "--json", write(gate, "mixed.jsonl", lines));
    assert.equal(done.code, 2, done.stderr);
    assert.equal(done.json.imported, 2);
    assert.deepEqual(done.json.refused.map(({ where }) => Number(/:(\d+)$/.exec(where)[1])), bad.map((_, i) => i + 2));
    await gate.admitted({ user: "first", pass: "s3cret-one" });
    await gate.admitted({ user: "last", pass: "s3cret-one" });
  });

  await t.test("an import that is interrupted takes back what it had stored", async () => {
    const many = Array.from({ length: 8_000 }, (_, i) => ({ name: `many-${i}`, token: `many ${i}`, ...kMay }));
    const file = write(gate, "many.jsonl", many);
    const before = (await gate.do("check", "--json")).json;
    const importing = new Daemon(credgate, ["import", file, "--config", gate.config]);
    const active = async () => (await gate.do("check", "--json")).json.active;
    await until("it has begun to store", async () => importing.exit !== null || (await active()) > before.active, 90_000);
    const { code } = await importing.stop("SIGTERM");
    assert.equal(code, 1, importing.log);
    assert.match(importing.log, /interrupted; nothing of this import was kept/);
    const after = (await gate.do("check", "--deep", "--json")).json;
    assert.deepEqual({ ...after, journal: 0 }, { ...before, journal: 0 });
    await gate.denied({ token: "many 0" }, "unknown_credential");
  });

  await t.test("what was exported with its hashes can be imported under the same keys", async (t) => {
    const key = await gate.create("keeper", "--publish", "--subjects", "a");
    const file = path.join(gate.dir, "all.jsonl");
    await gate.do("export", "--with-hashes", "--out", file);
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    const plain = (await gate.do("export")).stdout;
    assert.doesNotMatch(plain, /"hash"|password_hash/);

    const other = await Gate.make(t, { start: false });
    fs.copyFileSync(path.join(gate.dir, "keys/master.key"), path.join(other.dir, "keys/master.key"));
    await other.startServer();
    await other.startGateway();
    await other.do("import", file);
    await other.admitted(key);
    await other.admitted({ user: "plain", pass: "wonderland" });
    await other.admitted({ token: "a token of old" });
    const [here, there] = await Promise.all([gate, other].map((one) => one.do("export", "--with-hashes")));
    assert.deepEqual(here.stdout.split("\n").sort(), there.stdout.split("\n").sort());
  });
});

test("the users of a nats-server configuration", async (t) => {
  const gate = await Gate.make(t);
  const nkey = createUser();
  const old = path.join(gate.dir, "old.conf");
  fs.writeFileSync(old, `
# an old server
SECRET: "a plain one"
accounts {
  APP {
    users: [
      { user: alice, password: "${kBcrypt}", permissions: { publish: "orders.>", subscribe: { allow: ["orders.>", "_INBOX.>"], deny: "orders.secret" } } }
      { nkey: ${nkey.getPublicKey()}, permissions: { publish: { deny: "private.>" } } }
    ]
  }
}
`);

  await t.test("log in unchanged, with the permissions that they had", async (t) => {
    const done = await gate.do("import", "--nats-config", old, "--account", "APP");
    assert.match(done.stdout, /imported 2 of 2/);
    const top = path.join(gate.dir, "top.conf");
    fs.writeFileSync(top, `authorization { user: top, password: "${kBcryptY}" }`);
    assert.match((await gate.do("import", "--nats-config", top, "--account", "APP")).stdout, /imported 1 of 1/);
    const alice = await gate.connect(t, { user: "alice", pass: "s3cret-one" });
    assert.equal((await gate.command("explain", "alice", "--publish", "orders.1", "--subscribe", "orders.1")).code, 0);
    assert.equal((await gate.command("explain", "alice", "--publish", "other")).code, 5);
    assert.equal((await gate.command("explain", "alice", "--subscribe", "orders.secret")).code, 5);
    await alice.flush();
    await gate.admitted({ user: "top", pass: "s3cret-two" });
    await gate.admitted({ id: "x", seed: new TextDecoder().decode(nkey.getSeed()) });
    assert.equal((await gate.command("explain", "top", "--publish", "any.thing", "--subscribe", ">")).code, 0);
    assert.equal((await gate.command("explain", nkey.getPublicKey(), "--publish", "private.1")).code, 5);
  });

  await t.test("what cannot be taken over is refused with its line, and nothing is kept", async () => {
    fs.writeFileSync(old, `accounts { APP { users: [
      { user: bob, password: "x" }
      { user: carol, password: "y", permissions: { subscribe: "work.> workers" } }
    ] } }`);
    const done = await gate.command("import", "--nats-config", old);
    assert.equal(done.code, 2, done.stderr);
    assert.match(done.stderr, /old\.conf:3: .*queue/);
    assert.equal((await gate.command("show", "bob")).code, 3);
  });

  await t.test("an unquoted password of digits, a letter of a size and a digit logs in", async () => {
    fs.writeFileSync(old, `cluster { authorization { user: route, password: 0K1abc } }
accounts { APP { users: [ { user: hex, password: 4e2abc, permissions: { publish: "orders.>" } } ] } }
`);
    assert.match((await gate.do("import", "--nats-config", old)).stdout, /imported 1 of 1/);
    await gate.admitted({ user: "hex", pass: "4e2abc" });
    await gate.denied({ user: "hex", pass: "4e2" }, "bad_proof");
  });

  await t.test("a placeholder is refused with its line, and --continue takes the others", async () => {
    fs.writeFileSync(old, `accounts { APP { users: [
      { user: ops, password: "$NATS_OPS_PASSWORD" }
      { user: chart, password: "{{ .Values.x }}" }
      { user: "<< $USER >>", password: "x" }
      { user: filled, password: "a plain one" }
    ] } }`);
    const done = await gate.command("import", "--continue", "--json", "--nats-config", old);
    assert.equal(done.code, 2, done.stderr);
    assert.equal(done.json.imported, 1);
    assert.deepEqual(done.json.refused.map(({ where }) => where.replace(/.*:/, "")), ["2", "3", "4"]);
    for (const { message } of done.json.refused) assert.match(message, /^(user|password) looks like a placeholder/);
    assert.doesNotMatch(done.stdout + done.stderr, /NATS_OPS|Values/);
    await gate.denied({ user: "ops", pass: "$NATS_OPS_PASSWORD" }, "unknown_credential");
    await gate.admitted({ user: "filled", pass: "a plain one" });
  });

  await t.test("a connection type that would become two is refused, or noted where it cannot matter", async () => {
    const conf = (more) => `accounts { APP { users: [
      { user: sensor, password: "x", allowed_connection_types: ["MQTT"] }
      { user: page, password: "x", allowed_connection_types: ["MQTT_WS"] }
      { user: both, password: "x", allowed_connection_types: ["MQTT", "MQTT_WS"] }
      { user: branch, password: "x" }
    ] } }
    ${more}
`;
    const lines = ({ json }) => json.refused.map(({ where }) => where.replace(/.*:/, ""));
    fs.writeFileSync(old, conf("websocket { port: 8080, no_tls: true }"));
    const web = await gate.command("import", "--json", "--nats-config", old);
    assert.deepEqual(lines(web), ["2", "3"]);
    assert.match(web.json.refused[1].message, /MQTT_WS without MQTT: credgate cannot tell one from the other/);
    fs.writeFileSync(old, conf("leafnodes { port: 7422 }"));
    const done = await gate.command("import", "--continue", "--nats-config", old);
    assert.match(done.stdout, /imported 3 of 4/);
    assert.match(done.stderr, /old\.conf:2: note: MQTT or LEAFNODE without its _WS form \(1 user\)/);
    assert.match(done.stderr, /old\.conf:7: note: a leafnode may log in here .*\(1 user\).*--connection-types LEAFNODE/);
    assert.equal(done.stderr.match(/: note: /g).length, 2);
  });

  await t.test("what credgate names otherwise is said in a sentence of its own", async () => {
    const refused = async (text) => {
      fs.writeFileSync(old, text);
      return gate.command("import", "--nats-config", old);
    };
    const user = "users: [ { user: dora, password: x } ]";
    assert.match((await refused(`accounts { "my.app" { ${user} } }`)).stderr, /old\.conf:1: credgate cannot grant an account of this name/);
    assert.match((await refused(`accounts { "my app" { ${user} } }`)).stderr, /old\.conf:1: credgate cannot grant an account of this name/);
    assert.match((await refused('accounts { APP { users: [ { user: dora, password: x, permissions: { pub: a, allow_responses: { max: 1, ttl: "50ms" } } } ] } }')).stderr,
      /old\.conf:1: expires must be whole seconds/);
    const marked = await refused(`\ufeffaccounts { APP { ${user} } }`);
    assert.equal(marked.code, 78);
    assert.match(marked.stderr, /old\.conf:1: begins with a byte order mark.*save the file without one/);
  });

  await t.test("a file that nats-server would not take is refused whole", async () => {
    fs.writeFileSync(old, "accounts { APP { users: [ { user: bob, password: $NOWHERE } ] } }");
    const done = await run(credgate, ["import", "--nats-config", old, "--config", gate.config], { env: { PATH: process.env.PATH } });
    assert.equal(done.code, 78, done.stderr);
    assert.match(done.stderr, /old\.conf:1: a variable that is set neither above nor in the environment/);
  });
});

test("explain says what the daemon would", async (t) => {
  const gate = await Gate.make(t);
  const who = await gate.create("shop", "--publish", "--receive", "--subjects", "orders.>", "--sources", "127.0.0.0/8",
    "--connection-types", "STANDARD", "--deny-pub", "orders.secret", "--allow-responses");
  const explain = async (...args) => (await gate.command("explain", "shop", ...args, "--json"));

  await t.test("let in, and by which entry", async () => {
    const { json } = await explain("--publish", "orders.1", "--publish", "orders.secret", "--publish", "other",
      "--subscribe", "orders.*", "--subscribe", `${who.inbox}.1`, "--subscribe", ">");
    assert.equal(json.granted, true);
    assert.deepEqual(json.subjects.map(({ verdict }) => verdict),
      ["allowed", "only as a reply", "only as a reply", "allowed", "allowed", "refused"]);
    assert.match(json.subjects[0].reason, /orders\.>, from subjects/);
  });

  await t.test("what it says of subjects is what the server does", async (t) => {
    const connection = await gate.connect(t, who);
    const errors = [];
    (async () => {
      for await (const status of connection.status()) if (status.type === "error") errors.push(status.error.message);
    })();
    for (const [verb, subject] of [["publish", "orders.1"], ["publish", "orders.secret"], ["publish", "other"],
      ["subscribe", "orders.*"], ["subscribe", "orders.>"], ["subscribe", "*.1"], ["subscribe", "orders"], ["subscribe", ">"]]) {
      const { json } = await explain(`--${verb}`, subject);
      errors.length = 0;
      if (verb === "publish") connection.publish(subject);
      else connection.subscribe(subject, { callback() {} });
      await connection.flush();
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(errors.length === 0, json.subjects[0].verdict === "allowed", `${verb} ${subject}: ${errors}`);
    }
  });

  for (const [what, args, reason] of [
    ["from elsewhere", ["--source", "192.0.2.1"], "source_not_allowed"],
    ["over WebSocket", ["--type", "WEBSOCKET"], "connection_type_not_allowed"],
  ]) {
    await t.test(`${what}: ${reason}`, async () => {
      const done = await explain(...args);
      assert.equal(done.code, 5);
      assert.equal(done.json.reason, reason);
    });
  }

  await t.test("once it is suspended, expired, revoked", async () => {
    await gate.do("suspend", "shop");
    assert.equal((await explain()).json.reason, "suspended");
    await gate.do("resume", "shop");
    await gate.do("update", "shop", "--expires", "2030-01-01");
    assert.equal((await explain("--at", "2031-01-01")).json.reason, "expired");
    await gate.do("revoke", "shop", "--yes");
    assert.equal((await gate.command("explain", who.id, "--json")).json.reason, "revoked");
  });

  await t.test("bad questions are usage errors", async () => {
    for (const args of [["--source", "here"], ["--type", "PIGEON"], ["--at", "soon"], ["--publish", "a..b"], ["--publish", "a b"], ["--subscribe", "a..b"], ["--subscribe", "a.>.b"], ["--subscribe", "a b c"]]) {
      const done = await gate.command("explain", "shop", ...args);
      assert.equal(done.code, 2, `${args}: ${done.stderr}`);
    }
  });
});

test("import takes the roles of an export, and those that are there", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const role = { role: { account: "APP", name: "ops", ...kMay } };
  const member = { name: "one", token: "of one", roles: ["ops"] };
  const rows = [
    ["the role below", [member, role], /:1: roles: there is no role "ops" in account APP, nor in a line above/],
    ["another account", [{ role: { ...role.role, account: "NONE" } }], /:1: role\.account: "NONE" is not configured/],
    ["an unknown member", [{ role: { ...role.role, colour: 1 } }], /:1: role\.colour: unknown key/],
  ];
  for (const [what, lines, message] of rows) {
    const done = await gate.command("import", write(gate, "bad.jsonl", lines));
    assert.equal(done.code, 2, what);
    assert.match(done.stderr, message);
    assert.equal((await gate.do("export")).stdout, "");
  }
  assert.match((await gate.do("import", write(gate, "a.jsonl", [role, member]))).stdout, /imported 2 of 2/);
  assert.match((await gate.do("import", write(gate, "b.jsonl", [role, { ...member, name: "two", token: "of two" }]))).stdout, /imported 2 of 2/);
  const differs = await gate.command("import", write(gate, "c.jsonl", [{ role: { ...role.role, subjects: ["x"] } }]));
  assert.match(differs.stderr, /:1: role: there is another role ops in account APP/);
  assert.equal((await gate.do("check", "--deep")).code, 0);
});
