// One nats-server with every listener, and a raw connection through each of them. Every connection has
// subscribe, unsubscribe, publish, flush, received, closed and close.

import { execFileSync } from "node:child_process";
import net from "node:net";
import path from "node:path";
import tls from "node:tls";
import WebSocket, { createWebSocketStream } from "ws";
import { temporaryDirectory } from "./lifetime.mjs";
import { freePort } from "./ports.mjs";
import { RawClient } from "./raw_client.mjs";
import { RawLeafnode } from "./raw_leafnode.mjs";
import { RawMqtt } from "./raw_mqtt.mjs";

const kHost = "127.0.0.1";

// { ports, server }: server is text for nats-server.conf. The port of clients, which takes TLS and plain
// connections, is yet to be added as ports.client.
export async function openDoors() {
  const ports = { websocket: await freePort(), mqtt: await freePort(), leafnode: await freePort() };
  const file = (name) => path.join(dir, name);
  const dir = temporaryDirectory();
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
    "-keyout", file("server.key"), "-out", file("server.pem"), "-subj", `/CN=${kHost}`], { stdio: "ignore" });
  return {
    ports,
    server: `server_name: doors
allow_non_tls: true
tls { cert_file: "${file("server.pem")}", key_file: "${file("server.key")}" }
websocket { listen: "${kHost}:${ports.websocket}", no_tls: true }
mqtt { listen: "${kHost}:${ports.mqtt}" }
leafnodes { listen: "${kHost}:${ports.leafnode}" }`,
  };
}

async function overTls(port) {
  const plain = net.connect({ port, host: kHost });
  await new Promise((resolve, reject) => plain.once("data", resolve).once("error", reject)); // INFO
  return tls.connect({ socket: plain, rejectUnauthorized: false });
}

// A stream over a connection of its own; options: of the WebSocket.
export function webSocketStream(port, options) {
  return createWebSocketStream(new WebSocket(`ws://${kHost}:${port}`, options));
}

async function overMqtt({ mqtt }, who, name) {
  const { connection, code } = await RawMqtt.connect(mqtt, who, name);
  if (code === 0) return connection;
  connection.close();
  throw new Error(code === 5 ? "Authorization Violation" : `CONNACK ${code}`);
}

// Each gives a connection as `who`, or throws where the server refuses it. name: of the MQTT client.
export const kDoors = {
  TCP: ({ client }, who) => RawClient.connect(net.connect({ port: client, host: kHost }), who),
  TLS: async ({ client }, who) => RawClient.connect(await overTls(client), who, { greeted: true }),
  WebSocket: ({ websocket }, who) => RawClient.connect(webSocketStream(websocket), who),
  MQTT: overMqtt,
  leafnode: ({ leafnode }, who) => RawLeafnode.connect(leafnode, who),
};
