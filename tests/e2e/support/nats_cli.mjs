// What the nats CLI makes of a context: github.com/nats-io/jsm.go, natscontext/context.go,
// NATSOptions(). A user counts before `creds`, and these before `nkey`; a token is added to any of
// them. Like nats.go, nats.c shows a user JWT beside a token, and an nkey without one.

import fs from "node:fs";
import { fromSeed } from "@nats-io/nkeys";
import { run } from "./processes.mjs";
import { natsClient } from "./programs.mjs";

// Arguments of tests/client.
export function natsCliArguments(file) {
  const context = JSON.parse(fs.readFileSync(file, "utf8"));
  const args = ["--url", context.url];
  if (context.user) args.push("--user", context.user, "--pass", context.password);
  else if (context.creds) args.push("--creds", context.creds);
  else if (context.nkey) {
    const seed = fs.readFileSync(context.nkey, "utf8").trim();
    args.push("--nkey", fromSeed(new TextEncoder().encode(seed)).getPublicKey(), "--nkey-seed", context.nkey);
  }
  if (context.token) args.push("--token", context.token);
  if (context.ca) args.push("--tls-ca", context.ca);
  if (context.cert && context.key) args.push("--tls-cert", context.cert, "--tls-key", context.key);
  if (context.inbox_prefix) args.push("--inbox-prefix", context.inbox_prefix);
  return args;
}

// Runs tests/client as the context says; gives { code, lines, line }.
export async function natsCli(file, ...words) {
  const args = [...natsCliArguments(file), ...words];
  let done = await run(natsClient, args);
  // The server closes right after its refusal; a reset may take that along.
  if (/Expected 'PONG', got ''/.test(done.stdout)) done = await run(natsClient, args);
  const lines = done.stdout.split("\n").filter(Boolean);
  return { ...done, lines, line: lines.at(-1) };
}
