// In operator mode any account can import what the callout account exports to all: who connects, from
// where, and what is changed. What init makes is for the admin account alone.

import assert from "node:assert/strict";
import test from "node:test";
import { jwtAuthenticator } from "@nats-io/transport-node";
import { adminOf } from "../support/admins.mjs";
import { Gate } from "../support/gate.mjs";
import { addTenant, editAccount } from "../support/operator_jwt.mjs";
import { until } from "../support/waiting.mjs";

const kEvents = "credgate.v1.events.>";
const kService = "credgate.v1.credentials.>";

// The subjects that a subscription to all events received.
function listen(connection) {
  const heard = [];
  connection.subscribe(kEvents, { callback: (error, message) => heard.push(error ?? message.subject) });
  return heard;
}

const isChange = (subject) => /created|create|changed/.test(String(subject));

async function attack(t, open) {
  const gate = await Gate.make(t, { start: false, mode: "operator", admins: true });
  const account = gate.init.callout_account;
  const tenant = addTenant(gate, "TENANT", {
    imports: [
      { name: "events", subject: kEvents, account, type: "stream" },
      { name: "service", subject: kService, account, type: "service", share: true },
    ],
  });
  if (open) editAccount(gate, account, (nats) => nats.exports.forEach((one) => delete one.token_req));
  await gate.startServer();
  await gate.startGateway();
  await gate.gateway.line(/event=admin_connected/);
  const foreign = await gate.connect(t, { authenticator: jwtAuthenticator(tenant.userJwt, tenant.seed) });
  const admin = await gate.connect(t, adminOf(gate, "viewer"));
  const [stolen, heard] = [listen(foreign), listen(admin)];
  await foreign.flush();
  await admin.flush();
  await gate.create("shop", "--publish", "--subjects", "orders.>");
  await until("the admin hears of it", () => heard.some(isChange));
  await foreign.flush(); // what was sent to it before has come
  const answer = await foreign
    .request(`${kService.slice(0, -1)}list`, "{}", { timeout: 5_000 })
    .then((message) => message.json(), (error) => (error.isNoResponders?.() ? "no responders" : error.message));
  const asked = await admin.request(`${kService.slice(0, -1)}list`, "{}", { timeout: 10_000 });
  assert.equal(asked.json().credentials?.length > 0, true, asked.string());
  return { gate, stolen, answer };
}

test("an account without an activation hears no event and reaches no service", async (t) => {
  const { gate, stolen, answer } = await attack(t, false);
  assert.deepEqual(stolen, []);
  assert.equal(answer, "no responders");
  assert.deepEqual((await gate.do("doctor", "--json")).json.findings, []);
});

test("exports that need no activation let it hear everything, which doctor says", async (t) => {
  const { gate, stolen, answer } = await attack(t, true);
  assert.ok(stolen.some(isChange), stolen.join());
  assert.match(JSON.stringify(answer), /forbidden/);
  const { findings } = (await gate.do("doctor", "--json")).json;
  assert.deepEqual(findings.map(({ check }) => check), ["public_exports"]);
  assert.ok(findings[0].what.includes(kEvents), findings[0].what);
});
