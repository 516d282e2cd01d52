// Users of a nats-server are imported while it has a no_auth_user. For a client that sends nothing
// nats-server asks about the name and the password of that user, out of its own configuration: were the
// user imported, every stranger would be let in.

import assert from "node:assert/strict";
import test from "node:test";
import { Gate } from "../support/gate.mjs";
import { freePort } from "../support/ports.mjs";
import { mqttConnect } from "../support/raw_mqtt.mjs";

test("no_auth_user", async (t) => {
  const [web, mqtt] = [await freePort(), await freePort()];
  const gate = await Gate.make(t, {
    start: false,
    server: `server_name: one
no_auth_user: open-tcp
websocket { listen: "127.0.0.1:${web}", no_tls: true, no_auth_user: open-web }
mqtt { listen: "127.0.0.1:${mqtt}", no_auth_user: open-mqtt }`,
  });
  const users = ["open-tcp", "open-web", "open-mqtt", "till"].map((name) => `{ user: ${name}, password: "of ${name}" }`);
  gate.editServerConfig((text) => text.replace("APP { jetstream: enabled }", `APP { jetstream: enabled, users: [ ${users.join(", ")} ] }`));
  assert.match(gate.serverText(), /open-mqtt"/);

  const refused = await gate.command("import", "--nats-config", gate.serverConfig);
  const { json } = await gate.command("import", "--continue", "--json", "--nats-config", gate.serverConfig);
  await gate.startServer();
  await gate.startGateway();

  await t.test("none of these users is imported, with --continue neither, and the others are", async () => {
    assert.equal(refused.code, 2, refused.stderr);
    assert.equal(refused.stderr.match(/is the no_auth_user of .*nats-server\.conf:\d+, so it is not imported/g)?.length, 3, refused.stderr);
    assert.match(refused.stderr, /lets in clients without a credential.*Create a credential for those clients and remove no_auth_user/);
    assert.equal(json.imported, 1);
    assert.equal((await gate.command("show", "till")).code, 0);
    for (const name of ["open-tcp", "open-web", "open-mqtt"]) assert.equal((await gate.command("show", name)).code, 3, name);
  });

  await t.test("the imported user is let in by its password", async () => {
    await gate.admitted({ user: "till", pass: "of till" });
    await gate.admitted({ user: "till", pass: "of till" }, { url: `ws://127.0.0.1:${web}` });
    assert.equal(await mqttConnect(mqtt, { id: "till", secret: "of till" }), 0);
  });

  await t.test("a client without a credential is refused over TCP", async () => {
    assert.match(await gate.denied({}, "unknown_credential"), /open-tcp/);
  });
  await t.test("a client without a credential is refused over WebSocket", async () => {
    await gate.denied({}, "unknown_credential", { url: `ws://127.0.0.1:${web}` });
  });
  await t.test("a client without a credential is refused over MQTT", async () => {
    const mark = gate.gateway.log.length;
    assert.equal(await mqttConnect(mqtt), 5);
    await gate.gateway.line(/event=denied reason="unknown_credential"/, mark);
  });
});
