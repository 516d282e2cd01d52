// What credgate grants, nats-server may still refuse: the gateway hears it, and says what to do.

import assert from "node:assert/strict";
import test from "node:test";
import { createAccount } from "@nats-io/nkeys";
import { wrongClock } from "./support/clock.mjs";
import { Gate } from "./support/gate.mjs";
import { editAccount } from "./support/operator_jwt.mjs";
import { until } from "./support/waiting.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const kSeconds = 15_000; // "within seconds", on a busy machine

async function get(gate, what) {
  const response = await fetch(`http://${gate.metrics}${what}`);
  return { status: response.status, text: await response.text() };
}
async function refusals(gate, reason) {
  const { text } = await get(gate, "/metrics");
  return Number(new RegExp(`^credgate_server_refusals_total\\{reason="${reason}"\\} (\\d+)$`, "m").exec(text)[1]);
}
const isReady = (gate) => until("it is ready", async () => (await get(gate, "/readyz")).status === 200);
async function isNotReady(gate, why) {
  let last;
  await until(`it is not ready: ${why}`, async () => {
    last = await get(gate, "/readyz").catch(() => ({}));
    return last.status === 503 && why.test(last.text);
  }, kSeconds).catch((error) => {
    throw new Error(`${error.message}\n${JSON.stringify(last)}\n${gate.gateway.log}`);
  });
}

test("a wrong signing key in operator mode is found in seconds, and named", async (t) => {
  const gate = await Gate.make(t, { mode: "operator", metrics: true });
  await isReady(gate);
  const shop = await gate.create("shop", ...kTraffic);
  await gate.admitted(shop);
  const id = gate.init.accounts.APP;

  // The account's key is exchanged, and its JWT pushed, without a word to credgate.
  let old;
  await gate.server.stop();
  editAccount(gate, id, (nats) => {
    old = nats.signing_keys;
    nats.signing_keys = [createAccount().getPublicKey()];
  });
  await gate.startServer();
  await isNotReady(gate, /nats-server refuses what this daemon grants, account APP: signing_key \(.*is not known\); credgate signs with a key that nats-server does not know/);
  const shown = await gate.command("status");
  assert.equal(shown.code, 1);
  assert.match(shown.stdout, /ready +NO: nats-server refuses what this daemon grants, account APP: signing_key/);
  assert.match(shown.stdout, /refused +\d+ \(signing_key \d+\) by nats-server itself/);
  const mark = gate.gateway.log.length;
  await gate.refused(shop);
  const line = await gate.gateway.line(new RegExp(`event=server_refused reason="signing_key" .*id="${shop.id}"`), mark);
  assert.match(line, / server_id="N\w{55}" cid="\d+"/);
  // The answer goes out before its line is written.
  await gate.gateway.line(new RegExp(`event=granted id="${shop.id}"`), mark);
  assert.ok((await refusals(gate, "signing_key")) >= 3);

  await gate.server.stop();
  editAccount(gate, id, (nats) => (nats.signing_keys = old));
  await gate.startServer();
  await isReady(gate);
  await gate.admitted(shop);
});

test("what is wrong with one account keeps nobody else out, and the gateway ready", async (t) => {
  const gate = await Gate.make(t, { metrics: true, start: false });
  gate.editConfig((text) => text.replace(/"accounts": \[([^\]]*)\]/, '"accounts": [$1, "GONE"]'));
  await gate.startServer();
  await gate.startGateway();
  await isReady(gate);
  const gone = await gate.create("gone", "--account", "GONE", ...kTraffic);
  const shop = await gate.create("shop", "--account", "APP", ...kTraffic);
  for (let i = 0; i < 5; i++) await gate.refused(gone);
  const line = await gate.gateway.line(new RegExp(`event=server_refused reason="account" error="No valid account .*GONE.*id="${gone.id}"`));
  assert.match(line, /account missing/);
  const told = () => gate.gateway.lines(new RegExp(`event=server_refused .*id="${gone.id}"`)).length;
  await until("each is told", () => told() >= 5);
  // Probes take turns among the accounts.
  await until("its probes are refused", async () => {
    const { json } = await gate.do("status", "--json");
    return /^account \(No valid account "GONE".*nats-server lacks the account/.test(json[0].refused_accounts.GONE ?? "");
  });
  assert.match((await gate.do("status")).stdout, /ready +yes[^]*refused +account GONE: account/);
  assert.equal((await get(gate, "/readyz")).status, 200);
  await gate.admitted(shop);
  // What credgate refuses itself is not the server's.
  await gate.denied({ ...shop, secret: gone.secret }, "bad_proof");
  const { json } = await gate.do("status", "--json");
  assert.deepEqual(Object.keys(json[0].decisions.server_refused), ["account"]);
  assert.equal(told(), 5, "each is told once");
});

test("without an answer the server's refusals are heard as timeouts", async (t) => {
  const gate = await Gate.make(t, { metrics: true, start: false, timeout: 1 });
  // The gateway is connected, and drops what is not sealed.
  gate.editServerConfig((text) => text.replace(/^ *xkey: .*\n/m, ""));
  await gate.startServer();
  await gate.startGateway();
  await gate.refused({ user: "x", pass: "y" });
  await gate.gateway.line(/event=server_refused reason="timeout" source="127.0.0.1"/);
});

for (const [what, seconds, why] of [
  ["behind", -3600, /clock is behind that of nats-server by more than `callout\.leeway`.*\(not_yet_valid\)/],
  ["ahead", 3600, /clock is ahead of that of nats-server by more than `callout\.leeway`.*\(expired\)/],
]) {
  test(`a clock an hour ${what} lets nobody in, is found in seconds, and named`, async (t) => {
    const gate = await Gate.make(t, { metrics: true, start: false, timeout: 1 });
    await gate.startServer();
    const shop = await gate.create("shop", ...kTraffic);
    await gate.startGateway({ env: { ...process.env, ...(await wrongClock(gate.dir, seconds)) }, launcher: "" });
    await isNotReady(gate, why);
    await gate.refused(shop);
    assert.match((await gate.command("status")).stdout, /ready +NO: this machine's clock is/);
  });
}

test("a clock behind within the leeway is named where what it grants is over already", async (t) => {
  const gate = await Gate.make(t, { metrics: true, start: false });
  gate.editConfig((text) => text.replace('"xkey": "xkey.nk"', '"xkey": "xkey.nk", "leeway": "1h"'));
  await gate.startServer();
  await gate.startGateway({ env: { ...process.env, ...(await wrongClock(gate.dir, -600)) }, launcher: "" });
  await isNotReady(gate, /refuses what this daemon grants, account APP: expired \(.*\); this machine's clock is behind/);
});

test("a server that does not permit it is told of once, and served all the same", async (t) => {
  const gate = await Gate.make(t, { metrics: true, start: false });
  gate.editServerConfig((text) => text.replace('"$SYS.ACCOUNT.CLIENT.AUTH.ERR",', ""));
  await gate.startServer();
  await gate.startGateway();
  await gate.gateway.line(/event=server_refusals_unheard error="credgate's user in the callout account may not subscribe/);
  await isReady(gate);
  await gate.admitted(await gate.create("shop", ...kTraffic));
});
