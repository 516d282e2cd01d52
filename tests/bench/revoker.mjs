// A cluster of three with a gateway, and a process beside it that revokes: what the benches of
// revocation measure. CREDGATE_REVOKE_AT=build/release/tests/revoke_at, and the variables of
// tests/e2e/support/programs.mjs.

import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { cluster, serveCluster } from "../e2e/support/cluster.mjs";
import { Gate } from "../e2e/support/gate.mjs";

export function revokerOf(t, gate) {
  const revoker = spawn(process.env.CREDGATE_REVOKE_AT, [gate.config], { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => revoker.stdin.end());
  const times = readline.createInterface({ input: revoker.stdout })[Symbol.asyncIterator]();
  // { before, after } its transaction, in nanoseconds of the clock that now() reads.
  return async (who) => {
    revoker.stdin.write(`${who.id}\n`);
    const [before, after] = (await times.next()).value.split(" ").map(Number);
    return { before, after };
  };
}

export async function clusterToRevokeIn(t) {
  const gate = await Gate.make(t, { start: false });
  const servers = await cluster(gate);
  const ports = servers.map(({ url }) => Number(new URL(url.replace("nats:", "http:")).port));
  await serveCluster(gate, servers);

  const revoke = revokerOf(t, gate);
  // Who knows each connection's server and number, and need not look for any.
  const seed = fs.readFileSync(path.join(gate.dir, "keys", "system.nk"), "utf8").trim();
  const kicker = await gate.dial({ id: "system", seed }, { url: servers[0].url });
  t.after(() => kicker.close());
  const kick = (connections) => {
    // Servers do nothing that they can't answer.
    for (const { server, cid } of connections) kicker.publish(`$SYS.REQ.SERVER.${server}.KICK`, JSON.stringify({ cid }), { reply: "_INBOX.kicked" });
    return kicker.flush();
  };
  return { gate, ports, revoke, kick };
}
