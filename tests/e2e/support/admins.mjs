// Admins of a gate, and what they ask over NATS.

import { Gate } from "./gate.mjs";
import fs from "node:fs";
import path from "node:path";

export { createUser } from "@nats-io/nkeys"; // benches find no packages of their own

export const kPrefix = "credgate.v1.credentials";
export const kRolePrefix = "credgate.v1.roles";

export async function gateWithAdmins(t, options = {}) {
  const gate = await Gate.make(t, { admins: true, ...options });
  await gate.gateway.line(/event=admin_connected/);
  return gate;
}

// The same with an account SHOP beside APP. tls: the gateway's own files, for a server that wants
// certificates.
export async function gateWithTwoAccounts(t, { tls, ...options } = {}) {
  const gate = await Gate.make(t, { admins: true, start: false, ...options });
  gate.editConfig((text) => text.replace('"accounts": ["APP"', '"accounts": ["APP", "SHOP"'));
  gate.editServerConfig((text) => text.replace(/^ *APP \{/m, "  SHOP { }\n$&"));
  if (tls !== undefined) {
    gate.url = gate.url.replace("nats:", "tls:");
    gate.editConfig((text) => text.replace(/"url": "nats:\/\/([^"]+)"/, `"url": "tls://$1", "ca_file": "${tls.caFile}", "cert_file": "${tls.certFile}", "key_file": "${tls.keyFile}"`));
  }
  await gate.startServer();
  await gate.startGateway();
  await gate.gateway.line(/event=admin_connected/);
  return gate;
}

// As one of the three that init makes.
export function adminOf(gate, name) {
  const { user, password, token, inbox_prefix } = JSON.parse(fs.readFileSync(path.join(gate.init.admins, `${name}.json`), "utf8"));
  // In operator mode they are tokens.
  return { id: user ?? token.split(".")[0], secret: password, token, inbox: inbox_prefix };
}

// A new one, who answers for one account.
export async function operatorOf(gate, account, name = `operator-${account}`) {
  return gate.create(name, "--account", "ADMIN", "--allow-pub", `${kPrefix}.*.${account},${kRolePrefix}.*.${account}`);
}

export async function ask(connection, subject, body = {}, { prefix = kPrefix, ...options } = {}) {
  const payload = typeof body === "string" ? body : JSON.stringify(body);
  const answer = await connection.request(`${prefix}.${subject}`, payload, { timeout: 15_000, ...options });
  return answer.json();
}
export const askRole = (connection, subject, body) => ask(connection, subject, body, { prefix: kRolePrefix });

// Sends these at once; `answers` has those that came so far, in the order in which they came:
// [the request's number, what it says].
export function flood(connection, inbox, requests) {
  const answers = [];
  const prefix = `${inbox}.flood-${Math.random().toString(36).slice(2)}.`;
  const subscription = connection.subscribe(`${prefix}*`, {
    callback: (_, message) => answers.push([Number(message.subject.slice(prefix.length)), message.json()]),
  });
  requests.forEach(([subject, body], i) => connection.publish(`${kPrefix}.${subject}`, JSON.stringify(body), { reply: `${prefix}${i}` }));
  return { answers, subscription };
}
