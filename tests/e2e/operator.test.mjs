// Operator mode, where accounts are JWTs: what `credgate init --mode operator` makes works as it is,
// and works with accounts that another tool made.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { createAccount, createUser, fromSeed } from "@nats-io/nkeys";
import { credsAuthenticator, jwtAuthenticator } from "@nats-io/transport-node";
import { jwtIn } from "./support/clients.mjs";
import { Gate } from "./support/gate.mjs";
import { temporaryDirectory } from "./support/lifetime.mjs";
import { editAccount, signed } from "./support/operator_jwt.mjs";
import { assertMayNotPublish, assertMayNotSubscribe, assertMayPublish } from "./support/permissions.mjs";
import { run } from "./support/processes.mjs";
import { credgate, hasDefaultSentinel } from "./support/programs.mjs";
import { rawConnect } from "./support/raw_connect.mjs";

const kWrongSecret = "A".repeat(40);
const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const kIdentities = ["operator.nk", "system-account.nk", "callout-account.nk", "app-account.nk"];
const encode = (text) => new TextEncoder().encode(text);

function keyFile(gate, name) {
  return path.join(gate.dir, "keys", name);
}

function pairIn(gate, name) {
  return fromSeed(encode(fs.readFileSync(keyFile(gate, name), "utf8")));
}

function makePassword(gate, name, text) {
  const file = path.join(gate.dir, `${name}.password`);
  fs.writeFileSync(file, text);
  return file;
}

// A further account with one signing key, whose seed is written into a file.
function addAccount(gate, name, scope) {
  const account = createAccount();
  const signing = createAccount();
  const id = account.getPublicKey();
  const key = signing.getPublicKey();
  const limits = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const signing_keys = [scope ? { kind: "user_scope", key, role: name, template: scope } : key];
  const claims = { sub: id, name, iat: Math.floor(Date.now() / 1000) };
  const jwt = signed(
    { ...claims, nats: { type: "account", version: 2, limits, signing_keys } },
    pairIn(gate, "operator.nk"),
  );
  gate.editServerConfig((text) => text.replace("resolver_preload {", `resolver_preload {\n  ${id}: ${jwt}`));
  const file = path.join(gate.dir, `${name}.seed`);
  fs.writeFileSync(file, new TextDecoder().decode(signing.getSeed()), { mode: 0o600 });
  return { id, file };
}

// ------------------------------------------------------------------------------------ who is let in

// Ways in which a client shows the ticket: in its CONNECT, or as the server's default.
for (const sentinel of hasDefaultSentinel ? [true, false] : [true]) {
  test(`clients ${sentinel ? "that show the sentinel" : "without a user JWT"}`, async (t) => {
    const gate = await Gate.make(t, { mode: "operator", sentinel, start: false });
    // Nothing that runs needs the keys that vouch for the others.
    for (const name of kIdentities) fs.renameSync(keyFile(gate, name), path.join(gate.dir, name));
    await gate.startServer();
    await gate.startGateway();

    const shop = await gate.create("shop", ...kTraffic);
    const kinds = [
      shop,
      {
        ...(await gate.create("alice", "--kind", "password", "--password-file", makePassword(gate, "alice", "correct horse"), ...kTraffic)),
        secret: "correct horse",
      },
      await gate.create("token", "--kind", "token", ...kTraffic),
      await gate.create("nkey", "--kind", "nkey", ...kTraffic),
      await gate.create("creds", "--kind", "creds", ...kTraffic),
    ];
    const listener = await gate.connect(t, shop);

    for (const who of kinds) {
      const passes = async (subject, publish) => {
        const subscription = listener.subscribe(subject, { max: 1 });
        await listener.flush();
        await publish();
        for await (const message of subscription) assert.equal(message.string(), "text");
      };
      await t.test(`"${who.name}" is let in with the JavaScript client, into the account`, async (t) => {
        const connection = await gate.connect(t, who);
        await passes("orders.js", () => connection.publish("orders.js", "text"));
        await assertMayNotPublish(connection, "other");
        await assertMayNotSubscribe(connection, "other");
      });
      // nats.c has no way to give a user JWT and an nkey of another key.
      if (who.name === "nkey" && sentinel) continue;
      await t.test(`"${who.name}" is let in with nats.c, into the account`, async () => {
        await passes("orders.c", async () => {
          const done = await gate.client(who, "pub", "orders.c", "text");
          assert.deepEqual([done.code, done.line], [0, "published orders.c"]);
        });
        assert.equal((await gate.client(who, "pub", "other", "text")).code, 3);
      });
    }

    const [, alice, token] = kinds;
    const refusals = [
      ["a wrong secret", { ...shop, secret: kWrongSecret }, "bad_proof"],
      ["a wrong password", { ...alice, secret: "wrong horse" }, "bad_proof"],
      ["a wrong token", { ...token, token: `${token.id}.${kWrongSecret}` }, "bad_proof"],
      ["an nkey that nobody registered", { ...kinds[3], seed: new TextDecoder().decode(createUser().getSeed()) }, "unknown_credential"],
    ];
    for (const [what, who, reason] of refusals) {
      await t.test(`${what} is refused: ${reason}`, () => gate.denied(who, reason));
    }
    await t.test("the ticket alone is refused: no_proof", async () => {
      await gate.denied(sentinel ? { authenticator: jwtAuthenticator(jwtIn(gate.sentinel)) } : {}, "no_proof");
      await gate.denied({ authenticator: credsAuthenticator(fs.readFileSync(gate.init.sentinel_creds)) }, "no_proof");
    });
    if (sentinel) {
      await t.test("a proof without the ticket is refused by the server alone", async () => {
        const before = gate.gateway.log;
        await gate.refused({ user: shop.id, pass: shop.secret });
        assert.equal(gate.gateway.log, before);
      });
    }
    for (const who of kinds) {
      await t.test(`"${who.name}" is refused while it is suspended, and let in again after`, async () => {
        await gate.do("suspend", who.id);
        await gate.denied(who, "suspended");
        await gate.do("resume", who.id);
        await gate.admitted(who);
      });
      await t.test(`"${who.name}" is refused after its revocation`, async () => {
        await gate.do("revoke", who.id, "--yes");
        const reason = who === alice ? "unknown_credential" : "revoked"; // a user name is free again
        await gate.denied(who, reason);
        if (who.name === "nkey" && sentinel) return;
        const mark = gate.gateway.log.length;
        // Most often 1, but a refusal can be lost with the connection.
        assert.notEqual((await gate.client(who, "connect")).code, 0);
        await gate.gateway.line(new RegExp(`event=denied reason="${reason}"`), mark);
      });
    }
  });
}

test("a credentials file", async (t) => {
  const gate = await Gate.make(t, { mode: "operator", timeout: 1 });
  const file = path.join(gate.dir, "shop.creds");
  const out = await gate.do("create", "shop", "--kind", "creds", ...kTraffic, "--out", file);
  const [, id] = /^(CG\w{18}) /.exec(out.stdout);
  const creds = fs.readFileSync(file);
  const shop = { authenticator: credsAuthenticator(creds), inboxPrefix: `_CG.${id}` };
  const jwt = jwtIn(file);

  await t.test("is written for its owner alone, and holds nothing else", () => {
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    assert.match(creds.toString(), /^-----BEGIN NATS USER JWT-----\n/);
  });

  await t.test("gives what the record gives, and no more", async (t) => {
    const connection = await gate.connect(t, shop);
    await assertMayPublish(connection, "orders.new");
    connection.subscribe(`_CG.${id}.x`);
    connection.subscribe("orders.>");
    await connection.flush();
    for (const subject of ["order", "$JS.API.INFO", "$SYS.REQ.USER.AUTH"]) {
      await assertMayNotPublish(connection, subject);
    }
    for (const subject of [">", "_INBOX.>", "_CG.>", "$SYS.REQ.USER.AUTH", "$SYS._INBOX.>"]) {
      await assertMayNotSubscribe(connection, subject);
    }
    await gate.gateway.line(new RegExp(`event=granted .*id="${id}" .*account="APP"`));
  });

  await t.test("follows an update of the record", async (t) => {
    await gate.do("update", id, "--subjects", "invoices.>");
    const connection = await gate.connect(t, shop);
    await assertMayPublish(connection, "invoices.new");
    await assertMayNotPublish(connection, "orders.new");
  });

  await t.test("is refused without a signature, and with another key's", async () => {
    assert.match((await rawConnect(gate, { jwt }))[0], /Authorization Violation/);
    const forged = (nonce) => ({ jwt, sig: Buffer.from(createUser().sign(encode(nonce))).toString("base64url") });
    assert.match((await rawConnect(gate, (info) => forged(info.nonce)))[0], /Authorization Violation/);
  });

  await t.test("of the right shape, but that credgate did not make, is refused: unknown_credential", async () => {
    const user = createUser();
    const claims = { sub: user.getPublicKey(), name: "stranger", iat: Math.floor(Date.now() / 1000) };
    const nats = { type: "user", version: 2, pub: {}, sub: {}, subs: -1, data: -1, payload: -1 };
    const stranger = signed({ ...claims, nats }, pairIn(gate, "callout-account.nk"));
    await gate.denied({ authenticator: jwtAuthenticator(stranger, user.getSeed()) }, "unknown_credential");
  });

  await t.test("is refused while no gateway runs", async () => {
    await gate.gateway.stop();
    await assert.rejects(gate.dial(shop)); // 2.10 closes without a word, nats-server#8441
    const done = await gate.client({ id, creds }, "connect");
    assert.notEqual(done.code, 0, done.stdout);
    await gate.startGateway();
    await gate.admitted(shop);
  });
});

test("the gateway's own users may do what they are for, and nothing else", async (t) => {
  const gate = await Gate.make(t, { mode: "operator" });
  const as = (name) => ({ authenticator: credsAuthenticator(fs.readFileSync(keyFile(gate, name))) });

  await t.test("the one of the callout account", async (t) => {
    const connection = await gate.connect(t, as("gateway.creds"));
    await assertMayPublish(connection, "$SYS._INBOX.x");
    for (const subject of ["orders.new", "$SYS.REQ.USER.AUTH"]) await assertMayNotPublish(connection, subject);
    for (const subject of [">", "$SYS._INBOX.>", "_INBOX.>"]) await assertMayNotSubscribe(connection, subject);
  });

  await t.test("the one of the system account closes a connection", async (t) => {
    const connection = await gate.connect(t, as("system.creds"));
    const shop = await gate.create("shop", ...kTraffic);
    const victim = await gate.connect(t, shop);
    const subject = `$SYS.REQ.SERVER.${victim.info.server_id}.KICK`;
    const answer = await connection.request(subject, JSON.stringify({ cid: victim.info.client_id }));
    assert.equal(answer.json().error, undefined);
    await victim.closed();
    await assertMayNotPublish(connection, "$SYS.REQ.SERVER.PING.VARZ");
    await assertMayNotSubscribe(connection, "$SYS.>");
  });
});

test("the account's limits hold for whom credgate lets in", async (t) => {
  const gate = await Gate.make(t, { mode: "operator", start: false });
  editAccount(gate, gate.init.accounts.APP, (nats) => Object.assign(nats.limits, { conn: 2, subs: 3 }));
  await gate.startServer();
  await gate.startGateway();
  const shop = await gate.create("shop", ...kTraffic);

  const first = await gate.connect(t, shop);
  await gate.connect(t, shop);
  const mark = gate.server.log.length;
  await assert.rejects(gate.dial(shop)); // the reason may be lost with the connection
  await gate.server.line(/maximum account active connections exceeded/, mark);
  const errors = [];
  (async () => {
    for await (const status of first.status()) if (status.type === "error") errors.push(status.error.message);
  })();
  for (const n of [1, 2, 3, 4]) first.subscribe(`orders.${n}`);
  await first.flush();
  await new Promise((resolve) => setImmediate(resolve));
  assert.match(errors.join(), /maximum subscriptions exceeded/i);
});

// ------------------------------------------------------------------- with accounts that are there

// The servers and accounts of one setup, whose owner runs `init` again with the seeds. `callout`,
// `app`: which seed of these accounts is given.
async function withAccounts(t, { callout = "callout-account.nk", app = "app-signing.nk" } = {}) {
  const gate = await Gate.make(t, { mode: "operator", start: false });
  const accounts = {
    APP: { id: gate.init.accounts.APP, file: keyFile(gate, app) },
    TWO: addAccount(gate, "TWO"),
    ROLE: addAccount(gate, "ROLE", {
      pub: { allow: ["role.{{name()}}"] },
      sub: { allow: ["role.>"] },
      subs: -1,
      data: -1,
      payload: -1,
    }),
  };
  const options = [
    ["--callout-account", `AUTH=${gate.init.callout_account}:${keyFile(gate, callout)}`],
    ["--system-account", `SYS=${gate.init.system_account}`],
    ["--account", `APP=${accounts.APP.id}:${accounts.APP.file}`],
    ["--account", `TWO=${accounts.TWO.id}:${accounts.TWO.file}`],
    ["--scoped-account", `ROLE=${accounts.ROLE.id}:${accounts.ROLE.file}`],
  ];
  const dir = path.join(gate.dir, "second");
  const init = (...more) =>
    run(credgate, ["init", "--mode", "operator", "--dir", dir, "--listen", `127.0.0.1:${gate.port}`, ...more]);
  return { gate, accounts, options, dir, init };
}

// What the commands for nsc come to; then the server with them, and the second setup's gateway.
async function authorizeAndStart(gate, accounts, second) {
  editAccount(gate, gate.init.callout_account, (nats) => {
    nats.authorization = {
      auth_users: [second.gateway],
      allowed_accounts: Object.values(accounts).map(({ id }) => id),
      xkey: second.xkey,
    };
  });
  gate.config = second.config;
  gate.sentinel = second.sentinel_creds;
  await gate.startServer();
  await gate.startGateway();
}

test("with accounts that are there", async (t) => {
  const { gate, accounts, options, dir, init } = await withAccounts(t);
  const made = await init(...options.flat(), "--system-creds", keyFile(gate, "system.creds"), "--json");
  assert.equal(made.code, 0, made.stderr);
  const second = JSON.parse(made.stdout);

  await t.test("no operator's and no server's files are made", () => {
    assert.deepEqual(fs.readdirSync(dir).sort(), ["credgate.conf", "keys", "run", "store", "store.head"]);
    const keys = "account-APP.nk account-ROLE.nk account-TWO.nk callout-signing.nk gateway.creds master.key sentinel.creds system.creds xkey.nk";
    assert.deepEqual(fs.readdirSync(path.join(dir, "keys")).sort(), keys.split(" "));
    for (const file of fs.readdirSync(path.join(dir, "keys"))) {
      assert.equal(fs.statSync(path.join(dir, "keys", file)).mode & 0o777, 0o600, file);
    }
  });

  await t.test("it says what nsc has to do", () => {
    const ids = ["APP", "TWO", "ROLE"].map((name) => accounts[name].id).join(",");
    assert.deepEqual(second.nsc, [
      `nsc edit authcallout --account AUTH --auth-user ${second.gateway} --allowed-account ${ids} --curve ${second.xkey}`,
      "nsc push --account AUTH",
    ]);
  });

  await authorizeAndStart(gate, accounts, second);

  await t.test("each credential lands in its account, and messages do not cross", async (t) => {
    const seen = [];
    for (const account of ["APP", "TWO"]) {
      for (const kind of ["key", "creds"]) {
        const who = await gate.create(`${account}-${kind}`, "--account", account, "--kind", kind, ...kTraffic);
        const connection = await gate.connect(t, who);
        connection.subscribe("orders.x", { callback: (_, message) => seen.push(`${who.name} ${message.string()}`) });
        await connection.flush();
        if (kind === "creds") connection.publish("orders.x", `from ${account}`);
        await connection.flush();
      }
    }
    const expected = ["APP-creds from APP", "APP-key from APP", "TWO-creds from TWO", "TWO-key from TWO"];
    await gate.admitted(await gate.create("last", "--account", "APP", ...kTraffic));
    assert.deepEqual(seen.sort(), expected);
  });

  await t.test("with a scoped signing key the template defines what users may do", async (t) => {
    for (const kind of ["key", "creds"]) {
      const who = await gate.create(`role-${kind}`, "--account", "ROLE", "--kind", kind);
      const connection = await gate.connect(t, who);
      await assertMayPublish(connection, `role.${who.id}`);
      await assertMayNotPublish(connection, "role.other");
      await assertMayNotPublish(connection, "orders.x");
      await assertMayNotSubscribe(connection, "orders.x");
      assert.equal((await gate.client(who, "pub", `role.${who.id}`, "text")).code, 0);
    }
  });

  await t.test("with a scoped signing key capabilities are refused", async () => {
    const refused = await gate.command("create", "more", "--account", "ROLE", ...kTraffic);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /template defines what users may do/);
  });

  await t.test("without a scoped signing key nothing is not enough", async () => {
    assert.equal((await gate.command("create", "less", "--account", "TWO")).code, 2);
  });

  await t.test("an account that is not configured is refused", async () => {
    assert.equal((await gate.command("create", "lost", "--account", "NONE", ...kTraffic)).code, 5);
  });
});

test("without the system account's credentials it says how to make them, and waits for them", async (t) => {
  const seeds = { callout: "callout-signing.nk", app: "app-account.nk" }; // each the other way round than above
  const { gate, accounts, options, dir, init } = await withAccounts(t, seeds);
  const made = await init(...options.flat(), "--json");
  assert.equal(made.code, 0, made.stderr);
  const file = path.join(dir, "keys", "system.creds");
  const second = JSON.parse(made.stdout);
  assert.deepEqual(second.nsc.slice(2), [
    "nsc add user --account SYS --name credgate --allow-pub '$SYS.REQ.SERVER.*.KICK,$SYS.REQ.SERVER.*.CONNZ' --allow-sub '_INBOX.>,$SYS.ACCOUNT.*.CONNECT,$SYS.ACCOUNT.*.DISCONNECT,$SYS.SERVER.*.SHUTDOWN'",
    `(umask 077 && nsc generate creds --account SYS --name credgate --output-file ${file})`,
  ]);
  const waiting = await run(credgate, ["check", "--config", path.join(dir, "credgate.conf")]);
  assert.equal(waiting.code, 78);
  assert.match(waiting.stderr, /keys\/system\.creds: the key is missing/);
  fs.copyFileSync(keyFile(gate, "system.creds"), file);
  await authorizeAndStart(gate, accounts, second);
  for (const kind of ["key", "creds"]) {
    await gate.admitted(await gate.create(kind, "--account", "APP", "--kind", kind, ...kTraffic));
  }
});

test("accounts that are there are given whole and right, or nothing is made", async (t) => {
  const { gate, accounts, options, dir, init } = await withAccounts(t);
  const all = Object.fromEntries(options.slice(0, 3)); // one account
  const id = accounts.APP.id;
  const user = keyFile(gate, "gateway.creds");
  const readable = path.join(gate.dir, "readable.seed");
  fs.copyFileSync(accounts.APP.file, readable);
  fs.chmodSync(readable, 0o644);
  const cases = [
    ["no callout account", { "--callout-account": null }, 2, /--callout-account, --system-account/],
    ["no system account", { "--system-account": null }, 2, /--callout-account, --system-account/],
    ["no account to grant", { "--account": null }, 2, /at least one --account/],
    ["an account's name alone", { "--account": "APP" }, 2, /--account: must be NAME=A…:FILE/],
    ["an account without a file", { "--account": `APP=${id}` }, 2, /NAME=A…:FILE/],
    ["an account without a name", { "--account": `${id}:${accounts.APP.file}` }, 2, /NAME=A…:FILE/],
    ["an id that lacks a character", { "--account": `APP=${id.slice(0, -1)}:${accounts.APP.file}` }, 2, /NAME=A…:FILE/],
    ["a system account with a file", { "--system-account": `SYS=${id}:${accounts.APP.file}` }, 2, /must be NAME=A…,/],
    ["a file that is not there", { "--account": `APP=${id}:nowhere.nk` }, 78, /nowhere\.nk: the key is missing/],
    ["a file that others can read", { "--account": `APP=${id}:${readable}` }, 78, /other users can read/],
    ["a file with another seed", { "--account": `APP=${id}:${keyFile(gate, "operator.nk")}` }, 78, /an account seed, SA…/],
    ["the callout account as one to grant", { "--account": `X=${gate.init.callout_account}:${accounts.APP.file}` }, 2, /callout or the system account/],
    ["the system account as one to grant", { "--account": `X=${gate.init.system_account}:${accounts.APP.file}` }, 2, /callout or the system account/],
    ["an account twice", { "--scoped-account": `APP=${accounts.TWO.id}:${accounts.TWO.file}` }, 2, /is given twice/],
    ["system credentials of another account", { "--system-creds": user }, 2, /must be of a user of account SYS/],
    ["system credentials that are a seed", { "--system-creds": accounts.APP.file }, 78, /must hold a user JWT and its seed/],
  ];
  for (const [what, change, code, message] of cases) {
    await t.test(what, async () => {
      const words = Object.entries({ ...all, ...change }).filter(([, value]) => value !== null);
      const done = await init(...words.flat());
      assert.equal(done.code, code, done.stderr);
      assert.match(done.stderr, message);
      assert.ok(!fs.existsSync(dir), "something was made");
    });
  }
  await t.test("without --mode operator", async () => {
    const done = await run(credgate, ["init", "--dir", dir, ...Object.entries(all).flat()]);
    assert.equal(done.code, 2);
    assert.match(done.stderr, /are only for --mode operator/);
  });
  await t.test("all of it", async () => assert.equal((await init(...Object.entries(all).flat())).code, 0));
});

// -------------------------------------------------------------------------------------- init itself

test("init --mode operator", async (t) => {
  const dir = path.join(temporaryDirectory(), "gate");
  const init = (...more) => run(credgate, ["init", "--mode", "operator", "--dir", dir, ...more]);
  const made = await init("--account", "SHOP");
  assert.equal(made.code, 0, made.stderr);

  await t.test("says what to keep, and what to run", () => {
    assert.match(made.stdout, /Move operator\.nk, /);
    assert.match(made.stdout, /nats-server -c .*nats-server\.conf\n/);
    assert.match(made.stdout, /credgate serve --config /);
  });

  await t.test("keeps every key for its owner alone", () => {
    const keys = fs.readdirSync(path.join(dir, "keys"));
    assert.equal(keys.length, 13);
    for (const file of keys) assert.equal(fs.statSync(path.join(dir, "keys", file)).mode & 0o777, 0o600, file);
  });

  await t.test("makes what check finds good", async () => {
    const checked = await run(credgate, ["check", "--config", path.join(dir, "credgate.conf")]);
    assert.equal(checked.code, 0, checked.stderr);
  });

  await t.test("overwrites nothing", async () => {
    const before = fs.readFileSync(path.join(dir, "credgate.conf"), "utf8");
    const again = await init();
    assert.equal(again.code, 4);
    assert.match(again.stderr, /already exists; nothing was changed/);
    assert.equal(fs.readFileSync(path.join(dir, "credgate.conf"), "utf8"), before);
  });

  for (const [what, words] of [
    ["another mode", ["--mode", "both"]],
    ["two accounts", ["--account", "ONE,TWO"]],
    ["the callout account's name", ["--mode", "operator", "--account", "AUTH"]],
  ]) {
    await t.test(`${what} is refused`, async () => {
      const elsewhere = path.join(temporaryDirectory(), "gate");
      assert.equal((await run(credgate, ["init", "--dir", elsewhere, ...words])).code, 2);
    });
  }
});
