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

const freePorts = async () => [await freePort(), await freePort(), await freePort()];
const routesTo = (ports) => ports.map((port) => `"nats://127.0.0.1:${port}"`).join(", ");

// With the configuration that `init` wrote; JetStream is not what is tested.
async function startServer(gate, name, [port, route, monitoring], routes) {
  const base = gate.serverText().replace(/^jetstream .*$/m, "").replace(" jetstream: enabled ", "");
  const config = path.join(gate.dir, `server-${name}.conf`);
  fs.writeFileSync(config, `${base.replace(/^listen: .*$/m, `listen: "127.0.0.1:${port}"`)}
server_name: ${name}
http: "127.0.0.1:${monitoring}"
lame_duck_grace_period: "1s"
lame_duck_duration: "30s"
cluster { name: c, listen: "127.0.0.1:${route}", routes: [ ${routes} }
`);
  const server = { config, port, route, url: `nats://127.0.0.1:${port}`, monitoring: `http://127.0.0.1:${monitoring}` };
  server.start = async () => {
    server.daemon = new Daemon(natsServer, ["-c", server.config]);
    gate.daemons.push(server.daemon);
    await server.daemon.line(/Server is ready/);
  };
  await server.start();
  return server;
}

// Three servers. routes: text for the cluster block.
export async function cluster(gate, { routes: settings = "" } = {}) {
  const ports = [await freePorts(), await freePorts(), await freePorts()];
  const routes = `${routesTo(ports.map(([, route]) => route))} ]${settings && `, ${settings}`}`;
  const servers = [];
  for (const [i, own] of ports.entries()) servers.push(await startServer(gate, `s${i}`, own, routes));
  await isWhole(servers);
  return servers;
}

// One server more, which the others did not know of.
export async function joinCluster(gate, servers) {
  const routes = `${routesTo(servers.map(({ route }) => route))} ]`;
  const server = await startServer(gate, `s${servers.length}`, await freePorts(), routes);
  await isWhole([...servers, server]);
  return server;
}

// Each of these daemons has its links to each of these servers.
export async function isLinked(daemons, servers, mark = 0) {
  for (const daemon of daemons) {
    for (const { url } of servers) {
      await daemon.line(new RegExp(`event=connected url="${url}"`), mark);
      await daemon.line(new RegExp(`event=system_connected url="${url}"`), mark);
    }
  }
}
