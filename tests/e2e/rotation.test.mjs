// Secrets and keys are changed while clients use them, and no good client is refused for it.

import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";
import { cluster } from "./support/cluster.mjs";
import { Gate } from "./support/gate.mjs";
import { until } from "./support/waiting.mjs";

const kTraffic = ["--publish", "--subjects", "orders.>"];

test("a secret is rotated with an overlap", async (t) => {
  const gate = await Gate.make(t);
  for (const kind of ["key", "token", "password", "nkey"]) {
    await t.test(`kind ${kind}: old and new are let in, then the new alone`, async () => {
      const old = await gate.create(`rotated-${kind}`, "--kind", kind, ...kTraffic);
      const { json } = await gate.do("rotate", old.name, "--overlap", "1h", "--json");
      const fresh = { ...old, secret: json.secret, token: json.token, seed: json.seed,
        publicKey: json.credential.secrets.at(-1).login };
      assert.equal(json.credential.secrets.length, 2);
      await gate.admitted(old);
      await gate.admitted(fresh);
      const again = await gate.command("rotate", old.name);
      assert.equal(again.code, 4, again.stderr);
      assert.match(again.stderr, /in progress until .*overlap to 0/);

      const last = (await gate.do("rotate", old.name, "--overlap", "0", "--json")).json;
      await gate.denied(old, "bad_proof");
      await gate.denied(fresh, "bad_proof");
      await gate.admitted({ ...old, secret: last.secret, token: last.token, seed: last.seed });
    });
  }

  await t.test("the old secret ends with its overlap", async () => {
    const old = await gate.create("short", ...kTraffic);
    await gate.do("rotate", "short", "--overlap", "3s");
    await gate.admitted(old);
    await until("the overlap is over", () => gate.refused(old).then(() => true, () => false));
    await gate.denied(old, "bad_proof");
  });

  await t.test("a public key that was rotated away can't be registered again", async () => {
    const old = await gate.create("worn", "--kind", "nkey", ...kTraffic);
    await gate.do("rotate", "worn", "--overlap", "0");
    const refused = await gate.command("create", "thief", "--kind", "nkey", "--public-key", old.publicKey, ...kTraffic);
    assert.equal(refused.code, 4, refused.stderr);
  });
});

test("a master key is replaced, and each secret moves to the new one as it is used", async (t) => {
  const gate = await Gate.make(t);
  const key = await gate.create("key", ...kTraffic);
  const idle = await gate.create("idle", ...kTraffic);
  await gate.do("keys", "add", "master");
  await gate.gateway.stop();
  await gate.startGateway();
  // Every gateway can read what is kept under it now, and nothing is kept under it yet.
  const before = await gate.create("before", ...kTraffic);
  await gate.do("keys", "promote", "master", "master-2.key");
  await gate.gateway.stop();
  await gate.startGateway();
  const first = await gate.command("keys", "retire", "master", "master-2.key");
  assert.equal(first.code, 5, first.stderr);
  assert.match(first.stderr, /keys promote master master\.key/);
  const early = await gate.command("keys", "retire", "master", "master.key");
  assert.equal(early.code, 5, early.stderr);
  assert.match(early.stderr, /3 credentials/);

  const mark = gate.gateway.log.length;
  await gate.admitted(key);
  await gate.gateway.line(/event=rehashed .*blake2b/, mark);
  await gate.admitted(key);
  assert.match((await gate.command("keys", "retire", "master", "master.key")).stderr, /2 credentials/);
  await gate.admitted(before);
  await gate.admitted(idle);
  await until("all have moved", async () => (await gate.command("keys", "retire", "master", "master.key")).code === 0);
  await gate.gateway.stop();
  await gate.startGateway();
  await gate.admitted(key);
  await gate.admitted(idle);
  assert.match((await gate.do("history", "key")).stdout, /credgate +rehash/);
});

test("keys that are added at the same time are all there", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const added = await Promise.all(["xkey", "issuer", "xkey", "xkey"].map((role) => gate.do("keys", "add", role, "--json")));
  const listed = (await gate.do("keys", "list", "--json")).json;
  for (const { json } of added) assert.ok(listed.some(({ key }) => key === json.key), JSON.stringify(listed));
  assert.equal(listed.filter(({ role }) => role === "xkey").length, 4);
});

test("issuer and xkey are replaced over a running cluster", async (t) => {
  const gate = await Gate.make(t, { start: false });
  const servers = await cluster(gate);
  const urls = servers.map((server) => server.url);
  gate.editConfig((config) => config.replace(/"url": "[^"]*"/, `"url": ${JSON.stringify(urls)}`));
  const gateways = [];
  const start = async (i) => {
    gateways[i] = await gate.startGateway();
  };
  await start(0);
  await start(1);
  const who = await gate.create("steady", ...kTraffic);

  // A request that crosses a route while the queue group's other end goes away is lost in nats-server,
  // and that client is refused after the timeout; at once again it must be let in.
  const counts = { good: 0, again: 0, failed: 0 };
  const errors = [];
  let going = true;
  const connectOnce = async () => {
    // Each client knows all servers, as clients of a cluster do.
    const connection = await gate.dial(who, { url: urls, timeout: 10_000, reconnect: true }).catch((error) => error);
    if (connection instanceof Error) return errors.push(`${connection.name}: ${connection.message}`) && false;
    await connection.close();
    return true;
  };
  const connectAgainAndAgain = async () => {
    while (going) {
      if (await connectOnce()) counts.good++;
      else if (await connectOnce()) counts.again++;
      else counts.failed++;
    }
  };
  const clients = [connectAgainAndAgain(), connectAgainAndAgain()];
  const step = async (what, act) => {
    const before = counts.good;
    await act();
    await until(`clients are let in after: ${what}`, () => counts.good > before + 20);
  };

  const old = { issuer: gate.init.issuer, xkey: gate.init.xkey };
  const fresh = {
    issuer: (await gate.do("keys", "add", "issuer", "--json")).json,
    xkey: (await gate.do("keys", "add", "xkey", "--json")).json,
  };
  const restartGateways = async () => {
    for (const i of [0, 1]) {
      await gateways[i].stop();
      await start(i);
    }
  };
  await step("the gateways hold both keys", restartGateways);
  for (const server of servers) {
    await step("a server has the new keys", async () => {
      await server.daemon.stop("SIGUSR2"); // as nats-server's own unit does
      const config = fs.readFileSync(server.config, "utf8");
      assert.ok(config.includes(old.issuer) && config.includes(old.xkey));
      fs.writeFileSync(server.config, config.replace(old.issuer, fresh.issuer.key).replace(old.xkey, fresh.xkey.key));
      await server.start();
    });
  }
  await gate.do("keys", "retire", "issuer", "issuer.nk");
  await gate.do("keys", "retire", "xkey", "xkey.nk");
  await step("the gateways hold the new keys alone", restartGateways);
  going = false;
  await Promise.all(clients);

  t.diagnostic(`${counts.good} let in at once, ${counts.again} at the second try, ${counts.failed} not; ${errors}`);
  assert.equal(counts.failed, 0, errors.join("\n"));
  await gate.refused({ ...who, secret: "A".repeat(40) }, { url: urls });
});
