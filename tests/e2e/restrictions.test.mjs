// From where, over what, when and for how long a credential may be used. Each refusal shows in the
// gateway's log with its own reason.

import assert from "node:assert/strict";
import test from "node:test";
import { Gate } from "./support/gate.mjs";
import { freePort } from "./support/ports.mjs";
import { rawConnect } from "./support/raw_connect.mjs";
import { mqttConnect } from "./support/raw_mqtt.mjs";
import { until } from "./support/waiting.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];

// "08:00", `hours` from now, in UTC.
function clock(hours) {
  const at = new Date(Date.now() + hours * 3600_000);
  return at.toISOString().slice(11, 16);
}

// When the connection was closed by the server, in milliseconds from now.
async function cut(connection, patience) {
  const began = Date.now();
  let closed = false;
  connection.closed().then(() => (closed = true));
  await until("the server closes the connection", () => closed, patience);
  return Date.now() - began;
}

test("from where", async (t) => {
  const gate = await Gate.make(t);
  const create = (name, sources) => gate.create(name, ...kTraffic, "--sources", sources);

  await t.test("a range without the client's address refuses it: source_not_allowed", async () => {
    await gate.denied(await create("far", "10.0.0.0/8"), "source_not_allowed");
    await gate.denied(await create("far6", "2001:db8::/32,::1"), "source_not_allowed");
  });

  await t.test("a range with the client's address lets it in", async () => {
    await gate.admitted(await create("near", "10.0.0.0/8,127.0.0.0/8"));
    await gate.admitted(await create("exact", "127.0.0.1"));
  });

  await t.test("clearing the list lets everybody in again", async () => {
    const who = await create("moved", "10.0.0.0/8");
    await gate.denied(who, "source_not_allowed");
    await gate.do("update", "moved", "--sources", "");
    await gate.admitted(who);
  });

  await t.test("a client can't name its own address or type", async () => {
    const far = await create("liar", "10.0.0.0/8");
    const mark = gate.gateway.log.length;
    const claims = { user: far.id, pass: far.secret, host: "10.0.0.1", ip: "10.0.0.1", type: "websocket", kind: "Leafnode" };
    assert.match((await rawConnect(gate, claims))[0], /Authorization Violation/);
    assert.match(await gate.gateway.line(/event=denied/, mark), /"source_not_allowed".* source="127\.0\.0\.1" type="nats"/);
  });

  await t.test("a wrong secret is said before a wrong source", async () => {
    const who = await create("both", "10.0.0.0/8");
    await gate.denied({ ...who, secret: "A".repeat(40) }, "bad_proof");
  });
});

test("over IPv6, ::1 lets in and ::2 and 127.0.0.0/8 do not", async (t) => {
  const gate = await Gate.make(t, { host: "::1" });
  await gate.admitted(await gate.create("near", ...kTraffic, "--sources", "::1"));
  await gate.denied(await gate.create("far", ...kTraffic, "--sources", "::2"), "source_not_allowed");
  await gate.denied(await gate.create("v4", ...kTraffic, "--sources", "127.0.0.0/8"), "source_not_allowed");
});

test("over what", async (t) => {
  const [web, mqtt] = [await freePort(), await freePort()];
  const gate = await Gate.make(t, {
    server: `server_name: over_what
websocket { listen: "127.0.0.1:${web}", no_tls: true }
mqtt { listen: "127.0.0.1:${mqtt}" }`,
  });
  const overWeb = { url: `ws://127.0.0.1:${web}` };
  const create = (name, types) => gate.create(name, ...kTraffic, "--connection-types", types);
  const [kAccepted, kNotAuthorized] = [0, 5];

  await t.test("WEBSOCKET is let in over WebSocket, and refused over TCP and MQTT", async () => {
    const who = await create("browser", "WEBSOCKET");
    await gate.admitted(who, overWeb);
    await gate.denied(who, "connection_type_not_allowed");
    assert.equal(await mqttConnect(mqtt, who), kNotAuthorized);
  });

  await t.test("STANDARD is let in over TCP, and refused over WebSocket and MQTT", async () => {
    const who = await create("service", "STANDARD");
    await gate.admitted(who);
    await gate.denied(who, "connection_type_not_allowed", overWeb);
    assert.equal(await mqttConnect(mqtt, who), kNotAuthorized);
  });

  await t.test("MQTT is let in over MQTT, and refused over TCP and WebSocket", async () => {
    const who = await create("device", "MQTT");
    assert.equal(await mqttConnect(mqtt, who), kAccepted);
    await gate.denied(who, "connection_type_not_allowed");
    await gate.denied(who, "connection_type_not_allowed", overWeb);
  });

  await t.test("a list lets each of its types in, and none lets all in", async () => {
    const two = await create("two", "STANDARD,WEBSOCKET");
    await gate.admitted(two);
    await gate.admitted(two, overWeb);
    assert.equal(await mqttConnect(mqtt, two), kNotAuthorized);
    const any = await gate.create("any", ...kTraffic);
    await gate.admitted(any);
    await gate.admitted(any, overWeb);
    assert.equal(await mqttConnect(mqtt, any), kAccepted);
  });

  await t.test("a wrong secret is refused over MQTT and WebSocket", async () => {
    const any = { ...(await gate.create("guess", ...kTraffic)), secret: "A".repeat(40) };
    await gate.denied(any, "bad_proof", overWeb);
    assert.equal(await mqttConnect(mqtt, any), kNotAuthorized);
  });
});

test("when", async (t) => {
  const gate = await Gate.make(t);

  await t.test("a window without now refuses: outside_times", async () => {
    const who = await gate.create("later", ...kTraffic, "--times", `${clock(2)}-${clock(4)}`);
    await gate.denied(who, "outside_times");
  });

  await t.test("a window with now lets in, across midnight too", async () => {
    await gate.admitted(await gate.create("now", ...kTraffic, "--times", `${clock(-2)}-${clock(2)}`));
    await gate.admitted(await gate.create("long", ...kTraffic, "--times", `${clock(-11)}-${clock(11)}`));
  });

  await t.test("one of several windows is enough", async () => {
    const times = `${clock(2)}-${clock(4)},${clock(-1)}-${clock(1)}`;
    await gate.admitted(await gate.create("several", ...kTraffic, "--times", times));
  });

  await t.test("the window is in the zone of --times-location", async () => {
    const window = ["--times", `${clock(-1)}-${clock(1)}`];
    // 10 hours east of UTC, and no summer time.
    const there = await gate.create("brisbane", ...kTraffic, ...window, "--times-location", "Australia/Brisbane");
    await gate.denied(there, "outside_times");
    const shifted = ["--times", `${clock(9)}-${clock(11)}`, "--times-location", "Australia/Brisbane"];
    await gate.admitted(await gate.create("shifted", ...kTraffic, ...shifted));
  });

  await t.test("before --not-before it is refused: not_yet_valid", async () => {
    await gate.denied(await gate.create("future", ...kTraffic, "--not-before", "1h"), "not_yet_valid");
    await gate.admitted(await gate.create("past", ...kTraffic, "--not-before", "2020-01-01"));
  });

  await t.test("after --expires it is refused: expired", async () => {
    await gate.denied(await gate.create("over", ...kTraffic, "--expires", "2020-01-01"), "expired");
  });

  // One wait for both: the spans run side by side.
  await t.test("the server cuts connections at their end", async (t) => {
    const [bounded, short] = [
      await gate.create("bounded", ...kTraffic, "--expires", "8s"),
      await gate.create("short", ...kTraffic, "--session-ttl", "10s"),
    ];
    const ends = [await gate.connect(t, bounded), await gate.connect(t, short)].map((c) => cut(c, 20_000));
    const after = await ends[0];
    assert.ok(after > 4_000 && after < 10_000, `--expires 8s: cut after ${after} ms`);
    await gate.denied(bounded, "expired");
    const ttl = await ends[1];
    assert.ok(ttl > 7_000 && ttl < 12_500, `--session-ttl 10s: cut after ${ttl} ms`);
    await gate.admitted(short); // a session's end is not the credential's
  });
});

test("where", async (t) => {
  const gate = await Gate.make(t);
  const north = await gate.create("north", ...kTraffic, "--region", "north");
  const both = await gate.create("both", ...kTraffic, "--region", "north", "--region", "south");
  const any = await gate.create("any", ...kTraffic);

  async function reload(edit) {
    gate.editConfig(edit);
    const mark = gate.gateway.log.length;
    gate.gateway.signal("SIGHUP");
    return gate.gateway.line(/event=reload/, mark);
  }

  await t.test("a gateway without a region refuses what is bound to one: wrong_region", async () => {
    await gate.denied(north, "wrong_region");
    await gate.admitted(any);
  });

  await t.test("after SIGHUP it serves the region that the configuration has now", async () => {
    const line = await reload((text) => text.replace('"accounts"', '"region": "south",\n  "accounts"'));
    assert.match(line, /event=reloaded .*region="south"/);
    await gate.denied(north, "wrong_region");
    await gate.admitted(both);
    await gate.admitted(any);
    await reload((text) => text.replace('"south"', '"north"'));
    await gate.admitted(north);
  });

  await t.test("an account that was taken out is refused: account_not_allowed", async () => {
    const line = await reload((text) => text.replace('["APP", "ADMIN"]', '["OTHER", "ADMIN"]'));
    assert.match(line, /event=reloaded accounts="OTHER, ADMIN"/);
    await gate.denied(any, "account_not_allowed");
    const refused = await gate.command("create", "more", "--account", "APP", ...kTraffic);
    assert.equal(refused.code, 5, refused.stderr);
    await reload((text) => text.replace('["OTHER", "ADMIN"]', '["OTHER", "APP", "ADMIN"]'));
    await gate.admitted(any);
  });

  await t.test("a configuration that is wrong changes nothing", async () => {
    const line = await reload((text) => text.replace('"accounts"', '"regoin": "x",\n  "accounts"'));
    assert.match(line, /event=reload_failed .*credgate\.conf:\d+: regoin/);
    await gate.admitted(any);
    await reload((text) => text.replace('"regoin": "x",', ""));
  });

  await t.test("a setting that needs a restart is named", async () => {
    const mark = gate.gateway.log.length;
    await reload((text) => text.replace('"accounts"', '"workers": 5,\n  "accounts"'));
    await gate.gateway.line(/event=reload_needs_restart settings="workers"/, mark);
  });

  await t.test("the callout and the system account are refused always", async () => {
    for (const account of ["AUTH", "SYS"]) {
      const refused = await gate.command("create", "spy", "--account", account, ...kTraffic);
      assert.equal(refused.code, 5, refused.stderr);
      const line = await reload((text) => text.replace('["OTHER", "APP", "ADMIN"]', `["APP", "${account}", "ADMIN"]`));
      assert.match(line, new RegExp(`event=reload_failed .*${account}`));
      await gate.admitted(any);
      await reload((text) => text.replace(`["APP", "${account}", "ADMIN"]`, '["OTHER", "APP", "ADMIN"]'));
    }
  });
});
