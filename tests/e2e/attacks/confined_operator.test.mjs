// An operator who answers for one account and means harm to another.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { createUser } from "@nats-io/nkeys";
import { ask, gateWithTwoAccounts, operatorOf } from "../support/admins.mjs";
import { temporaryDirectory } from "../support/lifetime.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const kRecord = { name: "taken-over", capabilities: ["publish", "receive"], subjects: ["orders.>"] };

// A certification authority, the server's certificate and clients' ones.
function certificates() {
  const dir = temporaryDirectory();
  const file = (name) => path.join(dir, name);
  const openssl = (...args) => execFileSync("openssl", args, { stdio: ["ignore", "pipe", "pipe"] });
  const issue = (name, ...more) => {
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", file(`${name}.key`), "-out", file(`${name}.csr`), "-subj", `/CN=${name}`);
    openssl("x509", "-req", "-in", file(`${name}.csr`), "-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-CAcreateserial", "-days", "2", "-out", file(`${name}.pem`), ...more);
  };
  openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-keyout", file("ca.key"), "-out", file("ca.pem"), "-subj", "/CN=test CA");
  fs.writeFileSync(file("server.ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  issue("server", "-extfile", file("server.ext"));
  for (const name of ["gateway", "bank", "other"]) issue(name);
  const leaf = (name) => openssl("x509", "-in", file(`${name}.pem`), "-noout", "-fingerprint", "-sha256").toString().trim();
  const key = (name) => {
    const pub = openssl("x509", "-in", file(`${name}.pem`), "-noout", "-pubkey");
    const der = execFileSync("openssl", ["pkey", "-pubin", "-outform", "DER"], { input: pub });
    return `spki-sha256:${execFileSync("openssl", ["dgst", "-sha256", "-r"], { input: der }).toString().slice(0, 64)}`;
  };
  return { file, leaf, key, tls: (name) => ({ caFile: file("ca.pem"), certFile: file(`${name}.pem`), keyFile: file(`${name}.key`) }) };
}

const kTlsOfServer = (made) =>
  `tls { cert_file: "${made.file("server.pem")}", key_file: "${made.file("server.key")}", ca_file: "${made.file("ca.pem")}", verify: true }`;

const asCreated = (result) => ({ id: result.credential.id, secret: result.secret, seed: result.seed, user: result.login, inbox: result.inbox_prefix });
// The account that a connection landed in.
const landedIn = async (gate, mark) => /granted id="(\w+)"/.exec(await gate.gateway.line(/event=granted/, mark))[1];

test("an operator of SHOP, against the certificate of APP's client", async (t) => {
  const made = certificates();
  const gate = await gateWithTwoAccounts(t, { tls: made.tls("gateway"), server: kTlsOfServer(made) });
  const operatorIs = await operatorOf(gate, "SHOP");
  const tls = { tls: made.tls("gateway") };
  const operator = await gate.connect(t, operatorIs, tls);
  const client = await gate.create("bank", "--kind", "cert", "--cert", made.file("bank.pem"), "--by-public-key", ...kTraffic, "--account", "APP");
  const connects = async () => {
    const mark = gate.gateway.log.length;
    const connection = await gate.dial({ id: client.id, inbox: client.inbox }, { authenticator: [], tls: made.tls("bank") });
    await connection.close();
    return landedIn(gate, mark);
  };
  assert.equal(await connects(), client.id);

  await t.test("can register neither of its fingerprints", async () => {
    for (const proof of [
      { fingerprint: made.leaf("bank") },
      { fingerprint: made.key("bank") },
      { certificate: fs.readFileSync(made.file("bank.pem"), "utf8") },
    ]) {
      const { error } = await ask(operator, "create.SHOP", { credential: { ...kRecord, kind: "cert" }, proof });
      assert.equal(error?.code, "refused", JSON.stringify(proof).slice(0, 80));
    }
    assert.equal(await connects(), client.id);
  });

  await t.test("and who manages every account cannot by mistake", async () => {
    for (const [option, value] of [["--fingerprint", made.leaf("bank")], ["--fingerprint", made.key("bank")], ["--cert", made.file("bank.pem")]]) {
      const refused = await gate.command("create", "again", "--kind", "cert", option, value, ...kTraffic, "--account", "SHOP");
      assert.equal(refused.code, 4, refused.stderr);
    }
    assert.equal(await connects(), client.id);
  });

  await t.test("where two credentials have one fingerprint each, nobody is let in by them", async () => {
    const one = await gate.create("one", "--kind", "cert", "--fingerprint", made.key("other"), ...kTraffic, "--account", "APP");
    const two = await gate.create("two", "--kind", "cert", "--fingerprint", made.leaf("other"), ...kTraffic, "--account", "SHOP");
    const who = { id: one.id, inbox: one.inbox };
    await gate.denied(who, "ambiguous", { authenticator: [], tls: made.tls("other") });
    const [line] = gate.gateway.lines(/event=proof_ambiguous/);
    assert.ok(line.includes(one.id) && line.includes(two.id), line);
    await gate.do("revoke", "two", "--yes");
    // What was registered stays so, and a person decides.
    await gate.denied(who, "ambiguous", { authenticator: [], tls: made.tls("other") });
  });
});

test("an operator of SHOP, against what APP has not registered yet", async (t) => {
  const gate = await gateWithTwoAccounts(t);
  const operatorIs = await operatorOf(gate, "SHOP");
  const operator = await gate.connect(t, operatorIs);
  const create = (kind, proof, name = "taken-over") => ask(operator, "create.SHOP", { credential: { ...kRecord, kind, name }, proof });

  await t.test("cannot register a public key without its owner", async () => {
    const pair = createUser();
    const publicKey = pair.getPublicKey();
    const sign = (by, account) => Buffer.from(by.sign(Buffer.from(`credgate.v1 register ${account} ${publicKey}`))).toString("base64url");
    for (const proof of [
      { public_key: publicKey },
      { public_key: publicKey, signature: sign(createUser(), "SHOP") },
      { public_key: publicKey, signature: sign(pair, "APP") },
    ]) {
      const { error } = await create("nkey", proof);
      assert.equal(error?.code, "refused", JSON.stringify(error));
    }
    // APP's own operator does with it what SHOP's could not.
    const mine = await operatorOf(gate, "APP");
    const at = await gate.connect(t, mine);
    const body = { credential: { ...kRecord, kind: "nkey", name: "mine" }, proof: { public_key: publicKey, signature: sign(pair, "APP") } };
    const result = await ask(at, "create.APP", body);
    assert.equal(result.credential?.account, "APP", JSON.stringify(result));
    await gate.admitted({ ...asCreated(result), seed: new TextDecoder().decode(pair.getSeed()) });
    const { error } = await create("nkey", { public_key: publicKey, signature: sign(pair, "SHOP") });
    assert.equal(error.code, "conflict");
    assert.ok(!JSON.stringify(error).includes(result.credential.id), error.message);
  });

  await t.test("cannot register a user name without the account's prefix", async () => {
    const { error } = await create("password", { login: "till" });
    assert.equal(error?.code, "refused", JSON.stringify(error));
    assert.match(error.message, /"SHOP\."/);
    const result = await create("password", undefined, "till");
    assert.equal(result.login, "SHOP.till");
    await gate.admitted(asCreated(result));
    const command = await gate.create("teller", "--kind", "password", "--login", "till", ...kTraffic, "--account", "APP");
    await gate.admitted(command);
  });

  await t.test("cannot make two names that look alike", async () => {
    for (const name of ["sh\u200bop", "shop\u2060", "sh\u00adop", "shop\u00a0x", "\ufeffshop"]) {
      const { error } = await create("key", undefined, name);
      assert.equal(error?.code, "usage", JSON.stringify(name));
      assert.match(error.message, /^name: /);
    }
  });

  await t.test("reads page by page, and learns nothing of the others", async () => {
    for (let i = 0; i < 20; i++) await gate.create(`hidden-${i}`, ...kTraffic, "--account", "APP");
    const hidden = (await gate.do("list", "--account", "APP", "--json")).json;
    const own = (await gate.do("list", "--account", "SHOP", "--json")).json.map(({ id }) => id);
    for (const [operation, member] of [["list", "credentials"], ["history", "entries"]]) {
      let told = "";
      const seen = [];
      for (let after, more = true; more; ) {
        const page = await ask(operator, `${operation}.SHOP`, { limit: 1, after });
        told += JSON.stringify(page);
        seen.push(...page[member].map(({ id }) => id));
        after = page.after;
        more = page.more ?? after !== "";
        assert.ok(page.newest == null);
      }
      assert.deepEqual([...new Set(seen)].sort(), [...own].sort());
      for (const { id, name } of hidden) assert.ok(!told.includes(id) && !told.includes(`"${name}"`), `${operation} told of ${name}`);
    }
  });

  await t.test("the command line reads such pages too", async () => {
    const options = ["--server", gate.url, "--user", operatorIs.id, "--user-password-file", "-", "--account", "SHOP", "--json"];
    const { run } = await import("../support/processes.mjs");
    const { credgate } = await import("../support/programs.mjs");
    const [list, history] = [
      await run(credgate, ["list", ...options], { input: operatorIs.secret }),
      await run(credgate, ["history", ...options], { input: operatorIs.secret }),
    ];
    assert.equal(list.code, 0, list.stderr);
    assert.equal(list.stdout, (await gate.do("list", "--account", "SHOP", "--json")).stdout);
    const here = (await gate.do("history", "--account", "SHOP", "--json")).json;
    assert.deepEqual(JSON.parse(history.stdout), here.map((entry) => ({ ...entry, sequence: null })));
  });
});

test("a password that an admin brings along is not kept in the daemon's memory", async (t) => {
  const gate = await gateWithTwoAccounts(t);
  const operator = await gate.connect(t, await operatorOf(gate, "SHOP"));
  const password = `secret-${"0123456789".repeat(3)}-of-ones-own`;
  const proof = { password };
  const made = await ask(operator, "create.SHOP", { credential: { ...kRecord, kind: "password" }, proof });
  assert.equal(made.error, undefined, JSON.stringify(made));
  for (const [subject, body] of [
    ["create.SHOP", { credential: { ...kRecord, kind: "password" }, proof }],
    ["get.SHOP", { credential: made.credential.id, proof }],
    ["rotate.SHOP", { credential: made.credential.id, overlap: "soon", proof }],
    ["create.SHOP", `{"credential":{},"proof":{"password":"${password}"},`],
  ]) assert.ok((await ask(operator, subject, body)).error, subject);
  // The buffers of the connection itself are written over by what comes next.
  const filler = { credential: "x".repeat(30_000) };
  for (let i = 0; i < 8; i++) await ask(operator, "get.SHOP", filler);
  assert.equal(occurrences(gate.gateway.pid, password), 0);
  assert.equal(occurrences(gate.gateway.pid, password.slice(0, 20)), 0);
  assert.equal(occurrences(gate.gateway.pid, password.slice(20)), 0);
});

// How often a text is in the memory that a process may write.
function occurrences(pid, text) {
  const memory = fs.openSync(`/proc/${pid}/mem`, "r");
  let count = 0;
  try {
    for (const line of fs.readFileSync(`/proc/${pid}/maps`, "utf8").split("\n")) {
      const [, from, to, file] = /^(\w+)-(\w+) rw\S+ \S+ \S+ \S+ *(.*)$/.exec(line) ?? [];
      if (from === undefined || file.endsWith(".mdb")) continue;
      const size = Number(BigInt(`0x${to}`) - BigInt(`0x${from}`));
      const bytes = Buffer.alloc(size);
      const read = fs.readSync(memory, bytes, 0, size, BigInt(`0x${from}`));
      for (let at = bytes.subarray(0, read).indexOf(text); at !== -1; at = bytes.subarray(0, read).indexOf(text, at + 1)) count++;
    }
  } finally {
    fs.closeSync(memory);
  }
  return count;
}
