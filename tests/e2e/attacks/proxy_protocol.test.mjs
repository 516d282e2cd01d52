// With proxy_protocol nats-server takes a client's word for its address, whoever the client is: a thief
// comes from wherever `sources` lets in.

import assert from "node:assert/strict";
import net from "node:net";
import test from "node:test";
import { Gate } from "../support/gate.mjs";
import { run } from "../support/processes.mjs";
import { natsServer, serverVersion } from "../support/programs.mjs";
import { until } from "../support/waiting.mjs";

const [, minor, patch] = serverVersion;
const hasProxyProtocol = minor > 12 || (minor === 12 && patch >= 2);

// What the server answers to a client that says it comes from `address`.
async function connectFrom(gate, address, who) {
  const socket = net.connect({ port: gate.port, host: gate.host });
  let text = "";
  let closed = false;
  socket.setEncoding("utf8").on("data", (data) => (text += data));
  socket.on("error", () => {}).once("close", () => (closed = true));
  socket.write(`PROXY TCP4 ${address} 127.0.0.1 40000 4222\r\n`);
  await until("INFO", () => text.includes("INFO") || closed);
  socket.write(`CONNECT ${JSON.stringify({ verbose: false, user: who.id, pass: who.secret })}\r\nPING\r\n`);
  await until("an answer", () => /PONG|-ERR/.test(text) || closed);
  socket.destroy();
  return /PONG|-ERR '[^']*'/.exec(text)?.[0];
}

test("proxy_protocol lets a client choose the address that sources are compared with", async (t) => {
  const gate = await Gate.make(t, { start: false, server: "proxy_protocol: true" });
  const doctor = async (...args) => {
    const { json, code } = await gate.command("doctor", "--json", ...args);
    return [code, json.findings.filter(({ severity }) => severity === "error").map(({ check }) => check)];
  };
  assert.deepEqual(await doctor(), [1, ["proxy_protocol"]]);
  assert.deepEqual(await doctor("--server-version", "2.10.27"), [1, ["needs_newer_server"]]);
  if (!hasProxyProtocol) {
    const { code } = await run(natsServer, ["-t", "-c", gate.serverConfig]);
    assert.equal(code, 1, "this version does not know it");
    return;
  }
  await gate.startServer();
  // credgate's own connections say no PROXY line, and are let in.
  await gate.startGateway();
  const office = await gate.create("office", "--publish", "--subjects", "a", "--sources", "10.0.0.0/8");
  assert.equal(await connectFrom(gate, "192.0.2.1", office), "-ERR 'Authorization Violation'");
  await gate.gateway.line(/event=denied reason="source_not_allowed".* source="192\.0\.2\.1"/);
  assert.equal(await connectFrom(gate, "10.1.2.3", office), "PONG");
  await gate.gateway.line(new RegExp(`event=granted id="${office.id}".* source="10\\.1\\.2\\.3"`));
});
