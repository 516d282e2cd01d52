// SQS and SNS on NATS, for callers whose credentials credgate has. README.md says how to run it.

import fs from "node:fs";
import { pathToFileURL } from "node:url";
import { connect, usernamePasswordAuthenticator } from "@nats-io/transport-node";
import { Callers } from "./callers.mjs";
import { Frontend } from "./http.mjs";
import { Tenant } from "./tenants.mjs";
import { Verifier } from "./verify.mjs";

function dial(url, { id, secret, inbox_prefix: inboxPrefix }) {
  return connect({ servers: url, inboxPrefix, maxReconnectAttempts: -1, name: "sqs-sns-proxy", authenticator: usernamePasswordAuthenticator(id, secret) });
}

// options: { nats, region, listen: { sqs: { host, port, public_url, trust_forwarded_proto }, sns: { host, port } },
//   credential, accounts: { NAME: credential } }; a credential is { id, secret, inbox_prefix }. README.md has more.
// Gives { verifier, close }.
export async function startProxy({ nats, region, listen, credential, accounts }) {
  const own = await dial(nats, credential);
  const callers = new Callers(nats);
  const verifier = await Verifier.make(own, (id) => callers.forget(id));
  const tenants = new Map();
  const connections = [own];
  for (const [account, mine] of Object.entries(accounts)) {
    const connection = await dial(nats, mine);
    connections.push(connection);
    tenants.set(account, await Tenant.make(connection));
  }
  const servers = [];
  for (const [service, { host, port, ...listener }] of Object.entries(listen)) {
    const { server } = new Frontend(service, { region, verifier, callers, tenants, listener });
    await new Promise((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
    servers.push(server);
  }
  const close = async () => {
    for (const server of servers) server.close().closeAllConnections();
    callers.forget();
    await Promise.all(connections.map((connection) => connection.close()));
  };
  return { verifier, close };
}

// What `credgate create --json` printed.
function readCredential(file) {
  const { credential, secret, inbox_prefix } = JSON.parse(fs.readFileSync(file, "utf8"));
  return { id: credential.id, secret, inbox_prefix };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const config = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
  const accounts = Object.fromEntries(Object.entries(config.accounts).map(([name, file]) => [name, readCredential(file)]));
  await startProxy({ ...config, credential: readCredential(config.credential), accounts });
  for (const [service, { host, port }] of Object.entries(config.listen)) console.log(`${service} at http://${host}:${port}`);
}
