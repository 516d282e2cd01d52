// How clients log in with a credential, `who`: what Gate.create() gave.

import fs from "node:fs";
import path from "node:path";
import {
  connect as connectTcp,
  credsAuthenticator,
  jwtAuthenticator,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from "@nats-io/transport-node";
import { wsconnect } from "@nats-io/nats-core";
import WebSocket from "ws";
import { run } from "./processes.mjs";
import { natsClient } from "./programs.mjs";

globalThis.WebSocket ??= WebSocket; // Node has its own from 22 on

function proof(who) {
  if (who.seed !== undefined) return nkeyAuthenticator(new TextEncoder().encode(who.seed));
  if (who.creds !== undefined) return credsAuthenticator(new TextEncoder().encode(who.creds));
  if (who.token !== undefined) return tokenAuthenticator(who.token);
  return usernamePasswordAuthenticator(who.user ?? who.id, who.secret);
}

// The user JWT in a credentials file.
export function jwtIn(file) {
  return /-----BEGIN NATS USER JWT-----\s+(\S+)/.exec(fs.readFileSync(file, "utf8"))[1];
}

function connectOptions(who, sentinel) {
  if (who.id === undefined) return who;
  const authenticator = proof(who);
  const ticket = sentinel !== undefined && who.creds === undefined;
  // The later one's nkey and signature stand, where both have them.
  return { inboxPrefix: who.inbox, authenticator: ticket ? [jwtAuthenticator(jwtIn(sentinel)), authenticator] : authenticator };
}

// A connection of the JavaScript client. `who` may also be the client's own options. sentinel: the
// credentials file that every client shows in operator mode. Options are the client's, beside `url`.
export async function dial(who, { url, sentinel, ...options }) {
  const connect = String(url).startsWith("ws:") ? wsconnect : connectTcp;
  return connect({ servers: url, reconnect: false, ...connectOptions(who, sentinel), ...options });
}

// Runs tests/client; key files are written to `dir`. Gives { code, line, lines }.
export async function runClient(who, words, { url, sentinel, dir }) {
  const args = ["--url", url];
  const file = (name, text) => {
    const path_ = path.join(dir, name);
    fs.writeFileSync(path_, text, { mode: 0o600 });
    return path_;
  };
  if (who.secret !== undefined) args.push("--user", who.user ?? who.id, "--pass", who.secret);
  if (who.token !== undefined) args.push("--token", who.token);
  if (who.seed !== undefined) {
    args.push("--nkey", who.publicKey, "--nkey-seed", file(`${who.id}.nk`, who.seed));
  }
  if (who.creds !== undefined) args.push("--creds", file(`${who.id}.creds`, who.creds));
  else if (sentinel !== undefined) args.push("--creds", sentinel);
  if (who.inbox !== undefined) args.push("--inbox-prefix", who.inbox);
  let done = await run(natsClient, [...args, ...words]);
  // The server closes right after its refusal; a reset may take that along.
  if (/Expected 'PONG', got ''/.test(done.stdout)) done = await run(natsClient, [...args, ...words]);
  const lines = done.stdout.split("\n").filter(Boolean);
  return { ...done, lines, line: lines.at(-1) };
}
