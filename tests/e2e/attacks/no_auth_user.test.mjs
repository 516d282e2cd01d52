// nats-server fills the name and the password of a no_auth_user into the request of a client that sent
// none. Where the store has that login, everybody is let in as it, by every version and transport.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { Gate } from "../support/gate.mjs";
import { freePort } from "../support/ports.mjs";
import { rawConnect } from "../support/raw_connect.mjs";
import { mqttConnect } from "../support/raw_mqtt.mjs";

const kPassword = "s3cret-one";
const kBcrypt = "$2a$04$abcdefghijklmnopqrstu.hkFH3f/590YhCgSy5jCgIQR3FjnyatC"; // of it
const [kAccepted, kNotAuthorized] = [0, 5];

// A gate whose nats-server has the user `outside` in APP, and what is given of it: password, and where
// no_auth_user stands.
async function make(t, { password = kPassword, top = false, websocket = false, mqtt = false }) {
  const ports = { ws: await freePort(), mqtt: await freePort(), leaf: await freePort() };
  const setting = (here) => (here ? "no_auth_user: outside" : "");
  const gate = await Gate.make(t, {
    start: false,
    server: `server_name: open
${setting(top)}
websocket { listen: "127.0.0.1:${ports.ws}", no_tls: true, ${setting(websocket)} }
mqtt { listen: "127.0.0.1:${ports.mqtt}", ${setting(mqtt)} }
leafnodes { listen: "127.0.0.1:${ports.leaf}" }`,
  });
  gate.editServerConfig((text) =>
    text.replace("APP { jetstream: enabled", `APP { jetstream: enabled, users: [ { user: outside, password: "${password}" } ]`),
  );
  await gate.startServer();
  await gate.startGateway();
  return { gate, ports };
}

// As `credgate import` once made it of the user: all it needs is the same login and password.
async function createOutside(gate) {
  const file = path.join(gate.dir, "outside.password");
  fs.writeFileSync(file, kPassword, { mode: 0o600 });
  return gate.create("outside", "--kind", "password", "--login", "outside", "--password-file", file, "--publish", "--subjects", "a",
    "--connection-types", "STANDARD,WEBSOCKET,MQTT,LEAFNODE");
}

// Whether a client that sends nothing is let in, by transport.
const strangers = {
  async tcp({ gate }) {
    return (await rawConnect(gate, {}))[0] === "PONG";
  },
  async websocket({ gate, ports }) {
    try {
      await gate.admitted({}, { url: `ws://127.0.0.1:${ports.ws}` });
      return true;
    } catch (error) {
      assert.match(`${error.name}: ${error.message}`, /Authorization/);
      return false;
    }
  },
  async mqtt({ ports }) {
    const code = await mqttConnect(ports.mqtt);
    assert.ok([kAccepted, kNotAuthorized].includes(code), `${code}`);
    return code === kAccepted;
  },
  async leafnode({ gate, ports }) {
    const lines = await rawConnect({ host: gate.host, port: ports.leaf }, { name: "raw", server_id: "raw", version: "2.10.27", lang: undefined });
    return lines.some((line) => line.startsWith("PONG")) && !lines.some((line) => line.startsWith("-ERR"));
  },
};

async function findings(gate) {
  const { json, code } = await gate.command("doctor", "--json");
  assert.equal(code, 1);
  for (const { remedy } of json.findings) assert.doesNotMatch(remedy, /^Import it/);
  return (check) => json.findings.filter((finding) => finding.check === check);
}

test("a no_auth_user that the store has lets everybody in over TCP, WebSocket, MQTT and as a leafnode", async (t) => {
  const world = await make(t, { top: true });
  const { gate } = world;

  await t.test("a user that the store does not have lets nobody in, and is an error all the same", async () => {
    for (const [transport, let_in] of Object.entries(strangers)) assert.equal(await let_in(world), false, transport);
    await gate.gateway.line(/event=denied reason="unknown_credential" id="outside"/);
    const of = await findings(gate);
    assert.deepEqual([of("no_auth_user")[0].severity, of("no_auth_user_stored")], ["error", []]);
  });

  const outside = await createOutside(gate);
  for (const [transport, let_in] of Object.entries(strangers)) {
    await t.test(`over ${transport} a client that sends nothing is the credential`, async () => {
      const mark = gate.gateway.log.length;
      assert.equal(await let_in(world), true);
      await gate.gateway.line(new RegExp(`event=granted .*id="${outside.id}"`), mark);
    });
  }

  await t.test("doctor names the credential, and ends when it is suspended", async () => {
    const [finding, ...others] = (await findings(gate))("no_auth_user_stored");
    assert.deepEqual([finding.severity, others], ["error", []]);
    assert.ok(finding.what.includes(`${outside.id} "outside"`), finding.what);
    assert.doesNotMatch(JSON.stringify(finding), /s3cret-one/);
    const live = await gate.command("doctor", "--json", "--live", gate.url);
    assert.equal(live.json.checked.live.anonymous_let_in, true);
    await gate.do("suspend", "outside");
    assert.deepEqual((await findings(gate))("no_auth_user_stored"), []);
    assert.equal(await strangers.tcp(world), false);
  });
});

test("a no_auth_user of WebSocket and of MQTT lets everybody in there, and nowhere else", async (t) => {
  const world = await make(t, { websocket: true, mqtt: true });
  const outside = await createOutside(world.gate);
  const let_in = {};
  for (const [transport, is_let_in] of Object.entries(strangers)) let_in[transport] = await is_let_in(world);
  assert.deepEqual(let_in, { tcp: false, websocket: true, mqtt: true, leafnode: false });
  const found = (await findings(world.gate))("no_auth_user_stored");
  assert.equal(found.length, 2);
  for (const { what } of found) assert.ok(what.includes(outside.id));
});

test("a no_auth_user whose password is a hash lets nobody in: the server sends the hash", async (t) => {
  const world = await make(t, { top: true, password: kBcrypt });
  await createOutside(world.gate);
  for (const [transport, let_in] of Object.entries(strangers)) assert.equal(await let_in(world), false, transport);
  await world.gate.gateway.line(/event=denied reason="bad_proof"/);
  const of = await findings(world.gate);
  assert.deepEqual([of("no_auth_user").length, of("no_auth_user_stored")], [1, []]);
});
