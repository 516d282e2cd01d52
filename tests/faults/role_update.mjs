// A role that many credentials have is changed with --now while some of them are connected: every session is
// closed, at most one in a millisecond, and comes back with the new permissions. One credential is revoked when
// a quarter of the sessions are closed. Prints how long both took. Exit code 1 where a session kept the old
// permissions, where the revoked one came back, or where its revocation waited for the change of the role.
//   node tests/faults/role_update.mjs [--credentials N] [--sessions N]

import assert from "node:assert/strict";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { parseArgs } from "node:util";
import { scope } from "../bench/statistics.mjs";
import { Gate } from "../e2e/support/gate.mjs";
import { run } from "../e2e/support/processes.mjs";
import { credgate } from "../e2e/support/programs.mjs";
import { until } from "../e2e/support/waiting.mjs";
import { end, limit, sleep } from "./limits.mjs";

const { values: options } = parseArgs({
  options: { credentials: { type: "string", default: "100000" }, sessions: { type: "string", default: "2000" } },
});
const kCredentials = Number(options.credentials);
const kSessions = Number(options.sessions);
const [kOld, kNew] = ["fleet.old", "fleet.new"];
const kPatience = 120_000;

// Reconnects whenever it is closed, and tries each time what it may publish.
class Client {
  left = 0; // how often its connection has ended
  refused = 0;
  may = ""; // kOld or kNew: the subject that its session may publish to
  since = 0; // when that was seen
  constructor(port, token) {
    Object.assign(this, { port, token });
  }
  connect() {
    const socket = net.connect({ port: this.port, host: "127.0.0.1", noDelay: true });
    let [text, asked, tried] = ["", false, false];
    socket.on("error", () => {}).on("close", () => {
      if (this.may !== "") this.left++;
      [this.may, this.since] = ["", performance.now()];
      setTimeout(() => this.connect(), 50);
    });
    socket.on("data", (bytes) => {
      text += bytes;
      if (!asked && text.includes("\r\n")) {
        asked = true;
        const connect = { auth_token: this.token, verbose: false, pedantic: false, protocol: 1, lang: "raw", version: "0" };
        socket.write(`CONNECT ${JSON.stringify(connect)}\r\nPING\r\n`);
        text = "";
      } else if (text.includes("Authorization Violation")) {
        this.refused++;
        text = "";
      } else if (!tried && text.includes("PONG")) {
        tried = true;
        text = "";
        socket.write(`PUB ${kNew} 0\r\n\r\nPING\r\n`);
      } else if (tried && this.may === "" && text.includes("PONG")) {
        [this.may, this.since] = [text.includes("Permissions Violation") ? kOld : kNew, performance.now()];
        text = "";
      } else if (/PING\r\n/.test(text)) {
        socket.write("PONG\r\n");
        text = "";
      }
    });
  }
}

const t = scope();
const gate = await Gate.make(t);
await gate.do("role", "create", "fleet", "--account", "APP", "--publish", "--subjects", kOld);
const file = path.join(gate.dir, "fleet.jsonl");
const tokenOf = (i) => `token of device ${i}`;
fs.writeFileSync(file, Array.from({ length: kCredentials }, (_, i) => `${JSON.stringify({ name: `device-${i}`, account: "APP", token: tokenOf(i), roles: ["fleet"] })}\n`).join(""));
let began = performance.now();
const seconds = (from, to = performance.now()) => ((to - from) / 1000).toFixed(2);
const imported = await run(credgate, ["import", file, "--config", gate.config], { patience: 600_000 });
assert.equal(imported.code, 0, imported.stderr);
console.log(`${kCredentials} credentials of one role imported in ${seconds(began)} s`);

const every = Math.floor(kCredentials / kSessions);
const clients = Array.from({ length: kSessions }, (_, i) => new Client(gate.port, tokenOf(i * every)));
const victim = clients.at(-1);
for (const [i, client] of clients.entries()) {
  client.connect();
  if (i % 50 === 49) await until("those before are in", () => clients.slice(0, i + 1).every(({ may }) => may !== ""), kPatience);
}
await until("every client is in", () => clients.every(({ may }) => may === kOld), kPatience);
console.log(`${kSessions} of them are connected, and may publish to ${kOld}`);

began = performance.now();
let updated = 0;
const update = gate.do("role", "update", "fleet", "--account", "APP", "--subjects", kNew, "--now", "--json").then(({ json }) => {
  updated = performance.now();
  return json;
});
await until("a quarter of the sessions are closed", () => clients.filter(({ left }) => left > 0).length >= kSessions / 4, kPatience);
const asked = performance.now();
const closedThen = clients.filter(({ left }) => left > 0).length;
const revoked = gate.do("revoke", `device-${(kSessions - 1) * every}`, "--yes", "--json");
await revoked;
const told = performance.now();
await until("the revoked client is out", () => victim.may === "", kPatience);
const out = Math.max(victim.since, asked);
const others = clients.slice(0, -1);
await until("all others have the new permissions", () => others.every(({ may }) => may === kNew), kPatience);
const last = Math.max(...others.map(({ since }) => since));
const { closing } = await update;
// What was let in with the old permissions in between would be closed still; and the victim tries on.
await until("the revoked client was refused", () => victim.refused > 0, kPatience);
await sleep(500);

console.log(`the command ended after ${seconds(began, updated)} s: ${JSON.stringify(closing)}`);
console.log(`the last client had the new permissions after ${seconds(began, last)} s`);
console.log(`${closedThen} sessions were closed when one was revoked: ${seconds(asked, told)} s until the command ended, its session ended ${seconds(asked, out)} s after it began`);
const kept = others.filter(({ may }) => may !== kNew).length;
limit(`${kept} sessions have other permissions than the new, none`, kept === 0);
limit(`the revoked client is ${victim.may === "" ? "out" : "in"}`, victim.may === "");
limit(`the revocation was over ${seconds(told, last)} s before the change of the role, and not after it`, told < last);
await t.end();
end();
