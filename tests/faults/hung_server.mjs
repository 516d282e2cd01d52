// One of three nats-servers stops for SECONDS (SIGSTOP), the one that the gateway is connected to. What
// fails on the two others meanwhile, and how long a revocation takes to close a session there. Exit code 1
// where one of them fails, or a revocation never closes its session.
// node tests/faults/hung_server.mjs [SECONDS [GATEWAYS]], with the variables of tests/e2e/support/programs.mjs

import { cluster, isLinked, serveCluster } from "../e2e/support/cluster.mjs";
import { Gate } from "../e2e/support/gate.mjs";
import { until } from "../e2e/support/waiting.mjs";
import { dial } from "../bench/raw_client.mjs";
import { scope } from "../bench/statistics.mjs";
import { end, limit } from "./limits.mjs";

const kSeconds = Number(process.argv[2] ?? 20);
const kGateways = (process.argv[3] ?? "1,2").split(",").map(Number);
const kEvery = 25; // ms between two logins
const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const portOf = ({ url }) => Number(url.split(":").at(-1));

async function homeOf(gate, servers) {
  const { json } = await gate.do("status", "--instance", "credgate", "--json");
  return servers.find(({ url }) => url === json[0].connections.callout.server);
}

async function round(gateways, routes) {
  const t = scope();
  try {
    const gate = await Gate.make(t, { start: false });
    const servers = await cluster(gate, { routes });
    await serveCluster(gate, servers);
    const daemons = [gate.gateway];
    for (let i = 1; i < gateways; i++) daemons.push(await gate.startGateway());
    const shop = await gate.create("shop", ...kTraffic);
    const home = await homeOf(gate, servers);
    await isLinked(daemons, servers);
    const healthy = servers.filter((server) => server !== home);
    const revoked = [];
    for (let i = 0; i < kSeconds; i += 2) {
      const who = await gate.create(`gone-${i}`, ...kTraffic);
      revoked.push({ who, session: await dial(portOf(healthy[revoked.length % 2]), who) });
    }

    home.daemon.signal("SIGSTOP");
    const began = performance.now();
    const since = () => (performance.now() - began) / 1000;
    const logins = [];
    const revoking = (async () => {
      for (const [i, one] of revoked.entries()) {
        await until("its turn", () => since() >= 2 * i, 60_000);
        const from = performance.now();
        one.session.closed = () => (one.took = performance.now() - from);
        await gate.do("revoke", one.who.id, "--yes");
        one.command = performance.now() - from;
        await until("closed", () => one.took, 60_000).catch(() => {});
      }
    })();
    for (let i = 0; since() < kSeconds; i++) {
      const at = since();
      logins.push(dial(portOf(healthy[i % 2]), shop).then((one) => (one.socket.destroy(), { at, failed: !one.admitted })));
      await sleep(Math.max(0, began + i * kEvery - performance.now()));
    }
    const all = await Promise.all(logins);
    home.daemon.signal("SIGCONT");
    await revoking;
    const failed = all.filter((login) => login.failed);
    const text = ({ took, command }) => `${took ? Math.max(0, Math.round(took - command)) : "never"} (${Math.round(took)})`;
    const last = failed.length ? Math.max(...failed.map(({ at }) => at)).toFixed(1) : "-";
    console.log(`${gateways} gateway${gateways > 1 ? "s" : " "}  ${(routes || "routes as they are").padEnd(36)} ` +
      `logins ${all.length}, failed ${failed.length} (${((100 * failed.length) / all.length).toFixed(1)} %), the last begun at ${last} s; ` +
      `revocations ${revoked.length}, ms to the session's end from the command's (from the command's begin): ${revoked.map(text).join(" ")}`);
    limit(`${failed.length} of ${all.length} logins failed, none`, failed.length === 0);
    limit(`${revoked.filter(({ took }) => !took).length} revocations never closed a session, none`, revoked.every(({ took }) => took));
  } finally {
    await t.end();
  }
}

console.log(`one of three servers stopped for ${kSeconds} s; a login every ${kEvery} ms on the two others`);
for (const routes of ["", 'ping_interval: "1s", ping_max: 1']) {
  for (const gateways of kGateways) await round(gateways, routes);
}
end();
