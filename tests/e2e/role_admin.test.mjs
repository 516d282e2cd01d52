// Roles over NATS: made, given, changed and deleted on a real server; what the clients then may do.

import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";
import { adminOf, ask, askRole, gateWithAdmins } from "./support/admins.mjs";
import { Gate } from "./support/gate.mjs";
import { until } from "./support/waiting.mjs";

const asCreated = (result) => ({ id: result.credential.id, secret: result.secret, inbox: result.inbox_prefix });
const mayPublish = async (connection, subject) => {
  await connection.flush();
  let refused = false;
  const watch = (async () => {
    for await (const status of connection.status()) {
      if (/Permissions Violation/i.test(`${status.error ?? status.data ?? ""}`)) refused = true;
    }
  })();
  watch.catch(() => {});
  connection.publish(subject, "x");
  await connection.flush();
  await connection.flush();
  return !refused;
};

for (const mode of process.env.CREDGATE_QUICK ? ["config"] : ["config", "operator"]) {
  test(`roles over NATS, mode ${mode}`, async (t) => {
    const gate = await gateWithAdmins(t, { mode });
    const editor = await gate.connect(t, adminOf(gate, "editor"));
    const events = [];
    editor.subscribe("credgate.v1.events.*.*", { callback: (_, message) => events.push(message.json()) });
    await editor.flush();

    const role = { name: "ops", account: "APP", description: "the night shift", capabilities: ["publish"], subjects: ["jobs.>"] };
    const made = await askRole(editor, "create", { role, request_id: "r-1" });
    assert.equal(made.id, "APP/ops", JSON.stringify(made));
    assert.ok(made.revision >= 1);
    assert.equal((await askRole(editor, "create", { role, request_id: "r-1" })).replayed, true);
    assert.equal((await askRole(editor, "create.APP", { role })).error.code, "conflict");

    const client = await ask(editor, "create.APP", { credential: { name: "device", kind: "key", roles: ["ops"] } });
    assert.deepEqual(client.credential.roles, ["ops"], JSON.stringify(client));
    const got = await ask(editor, "get", { credential: "device" });
    assert.ok(got.expanded.publish.allow.includes("jobs.>"), JSON.stringify(got.expanded));
    assert.equal((await ask(editor, "list", { role: "ops" })).credentials[0].name, "device");
    const shown = await askRole(editor, "get.APP", { role: "ops" });
    assert.deepEqual([shown.members, shown.member_ids], [1, [client.credential.id]]);
    assert.ok(shown.expanded.publish.allow.includes("jobs.>"));
    assert.equal((await askRole(editor, "list")).roles[0].members, 1);

    const first = await gate.dial(asCreated(client), { reconnect: false });
    t.after(() => first.close());
    assert.equal(await mayPublish(first, "jobs.1"), true);
    assert.equal(await mayPublish(first, "tasks.1"), false);

    await t.test("an update with now closes the sessions, and the next login has the new rights", async () => {
      await until("the session is known", async () => (await ask(editor, "sessions", { credential: "device" })).sessions.length === 1);
      const closed = first.closed();
      const changed = await askRole(editor, "update", { role: "ops", now: true, reason: "moved", set: { subjects: ["tasks.>"] } });
      assert.equal(changed.revision, made.revision + 1, JSON.stringify(changed));
      assert.equal(changed.closing.done, true, JSON.stringify(changed.closing));
      assert.equal(changed.closing.closed, 1);
      await closed;
      const second = await gate.connect(t, asCreated(client));
      assert.equal(await mayPublish(second, "tasks.1"), true);
      assert.equal(await mayPublish(second, "jobs.1"), false);
    });

    await t.test("a role that gives nothing any more gives nothing, and not everything", async () => {
      const emptied = await askRole(editor, "update", { role: "ops", set: { capabilities: [], subjects: [] } });
      assert.equal(emptied.changed, true, JSON.stringify(emptied));
      const third = await gate.connect(t, asCreated(client));
      for (const subject of ["tasks.1", "jobs.1", "any"]) assert.equal(await mayPublish(third, subject), false, subject);
    });

    await t.test("a role in use is not deleted, and one that is not is", async () => {
      const refused = await askRole(editor, "delete", { role: "ops" });
      assert.equal(refused.error.code, "conflict");
      assert.match(refused.error.message, new RegExp(`in use, by ${client.credential.id};.*--no-role ops`));
      await ask(editor, "revoke", { credential: "device" });
      assert.deepEqual(await askRole(editor, "delete", { role: "ops" }), { id: "APP/ops", account: "APP", name: "ops", deleted: true });
      assert.equal((await askRole(editor, "get", { role: "ops" })).error.code, "not_found");
    });

    await t.test("events and history tell of each change", async () => {
      await until("the last event", () => events.some((event) => event.type === "role.delete"));
      const ofRole = events.filter((event) => event.id === "APP/ops");
      assert.deepEqual(ofRole.map((event) => event.type), ["role.create", "role.update", "role.kick", "role.update", "role.delete"]);
      const schema = JSON.parse(fs.readFileSync(new URL("../../doc/events.schema.json", import.meta.url), "utf8")).$defs.change;
      for (const event of ofRole) {
        assert.match(event.type, new RegExp(schema.properties.type.pattern));
        assert.deepEqual(Object.keys(event).toSorted(), schema.required.toSorted());
      }
      const { entries } = await ask(editor, "history", { role: "APP/ops" });
      assert.deepEqual(entries.map((entry) => entry.action), ["create_role", "update_role", "kick_role", "update_role", "delete_role"]);
    });
  });
}

test("the viewer looks at roles, and changes none", async (t) => {
  const gate = await gateWithAdmins(t);
  const editor = await gate.connect(t, adminOf(gate, "editor"));
  await askRole(editor, "create", { role: { name: "ops", account: "APP" } });
  for (const name of ["viewer", "security-officer"]) {
    const admin = await gate.connect(t, adminOf(gate, name));
    assert.equal((await askRole(admin, "get.APP", { role: "ops" })).name, "ops");
    assert.equal((await askRole(admin, "list")).roles.length, 1);
    for (const operation of ["create", "update", "delete", "update.APP"]) {
      await assert.rejects(askRole(admin, operation, { role: "ops" }), /permission/i, `${name} ${operation}`);
    }
  }
});

test("a server that an earlier init set up lets everything but roles go on", async (t) => {
  const gate = await Gate.make(t, { admins: true, start: false });
  const without = (text) => text.replaceAll(/^.*(export|service).*credgate\.v1\.roles.*\n/gm, "").replace('"credgate.v1.roles.>",', "");
  gate.editServerConfig(without);
  assert.doesNotMatch(gate.serverText(), /v1\.roles/);
  await gate.startServer();
  await gate.startGateway();
  await gate.gateway.line(/event=admin_connected/);
  const editor = await gate.connect(t, adminOf(gate, "editor"));
  const made = await ask(editor, "create", { credential: { name: "shop", kind: "key", account: "APP", capabilities: ["publish"], subjects: ["orders.>"] } });
  await gate.admitted(asCreated(made));
  await assert.rejects(askRole(editor, "list"), /no responders/i);
  assert.equal((await ask(editor, "list", {})).error, undefined);
  const found = await gate.command("doctor", "--json", gate.serverConfig);
  assert.match(found.stdout, /may not subscribe credgate\.v1\.roles\.>/, found.stdout + found.stderr);
});
