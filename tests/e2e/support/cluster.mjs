// A cluster of three nats-servers, and a daemon that serves it.

import fs from "node:fs";
import path from "node:path";
import { freePort } from "./ports.mjs";
import { Daemon } from "./processes.mjs";
import { natsServer } from "./programs.mjs";
import { until } from "./waiting.mjs";

const look = async (server, what) => (await fetch(`${server.monitoring}/${what}`)).json();

// A gateway that may be connected to any of `through`, and is heard of by all of `servers`.
export async function serveCluster(gate, servers, through = servers) {
  gate.editConfig((config) => config.replace(/"url": "[^"]*"/, `"url": ${JSON.stringify(through.map(({ url }) => url))}`));
  await gate.startGateway();
  await gate.gateway.line(/event=system_connected/);
  for (const server of servers) {
    await until("a server knows of a gateway", async () => {
      const known = [await look(server, "connz?subs=1"), await look(server, "routez?subs=1")];
      return JSON.stringify(known).includes('"$SYS.REQ.USER.AUTH"');
    });
  }
}

export async function isWhole(servers) {
  for (const server of servers) {
    await until("the cluster is whole", async () => {
      const { routes } = await look(server, "routez");
      return new Set(routes.map((route) => route.remote_name)).size === servers.length - 1;
    });
  }
}

// Three servers, each with the configuration that `init` wrote; JetStream is not what is tested.
// routes: text for the cluster block.
export async function cluster(gate, { routes: settings = "" } = {}) {
  const ports = [];
  for (let i = 0; i < 3; i++) ports.push([await freePort(), await freePort(), await freePort()]);
  const routes = ports.map(([, route]) => `"nats://127.0.0.1:${route}"`).join(", ");
  const base = gate.serverText().replace(/^jetstream .*$/m, "").replace(" jetstream: enabled ", "");
  const servers = ports.map(([port, route, monitoring], i) => {
    const config = path.join(gate.dir, `server-${i}.conf`);
    fs.writeFileSync(config, `${base.replace(/^listen: .*$/m, `listen: "127.0.0.1:${port}"`)}
server_name: s${i}
http: "127.0.0.1:${monitoring}"
lame_duck_grace_period: "1s"
lame_duck_duration: "30s"
cluster { name: c, listen: "127.0.0.1:${route}", routes: [ ${routes} ]${settings && `, ${settings}`} }
`);
    return { config, url: `nats://127.0.0.1:${port}`, monitoring: `http://127.0.0.1:${monitoring}` };
  });
  for (const server of servers) {
    server.start = async () => {
      server.daemon = new Daemon(natsServer, ["-c", server.config]);
      gate.daemons.push(server.daemon);
      await server.daemon.line(/Server is ready/);
    };
    await server.start();
  }
  await isWhole(servers);
  return servers;
}
