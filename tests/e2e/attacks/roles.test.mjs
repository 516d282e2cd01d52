// Who answers for SHOP, against the roles of other accounts; and credentials with roles that are not theirs.

import assert from "node:assert/strict";
import test from "node:test";
import { adminOf, ask, askRole, gateWithTwoAccounts, kPrefix, kRolePrefix, operatorOf } from "../support/admins.mjs";

const kRole = { capabilities: ["publish"], subjects: ["orders.>"] };
const asCreated = (result) => ({ id: result.credential.id, secret: result.secret, inbox: result.inbox_prefix });

test("an operator of SHOP, against the roles of other accounts", async (t) => {
  const gate = await gateWithTwoAccounts(t);
  const editor = await gate.connect(t, adminOf(gate, "editor"));
  const operator = await gate.connect(t, await operatorOf(gate, "SHOP"));
  for (const role of [
    { name: "ops", account: "APP", ...kRole },
    { name: "bank", account: "APP", ...kRole },
    { name: "till", account: "SHOP", ...kRole },
  ]) {
    const made = await askRole(editor, "create", { role });
    assert.equal(made.id, `${role.account}/${role.name}`, JSON.stringify(made));
  }
  const before = await askRole(editor, "list");

  await t.test("sees none of them, by whatever name", async () => {
    const list = await askRole(operator, "list.SHOP");
    assert.deepEqual(list.roles.map((role) => role.id), ["SHOP/till"]);
    for (const role of ["ops", "APP/ops", "APP/none", "ADMIN/x", "SHOP/ops", "../APP/ops"]) {
      for (const [operation, more] of [["get", {}], ["update", { set: { description: "mine" } }], ["delete", {}]]) {
        const answer = await askRole(operator, `${operation}.SHOP`, { role, ...more });
        // In the same words, whether or not it is there.
        assert.deepEqual(answer.error, { code: "not_found", message: `there is no role "${role}"; see: credgate role list` }, operation);
      }
      assert.equal((await ask(operator, "list.SHOP", { role })).error.code, "not_found");
    }
    assert.equal((await askRole(operator, "get.SHOP", { role: "APP\0ops" })).error.code, "not_found");
    const { entries } = await ask(operator, "history.SHOP", {});
    assert.deepEqual([...new Set(entries.map((entry) => entry.id))], ["SHOP/till"]);
    assert.equal((await ask(operator, "history.SHOP", { role: "APP/ops" })).error.code, "not_found");
  });

  await t.test("makes none there, and may not ask on their subjects", async () => {
    const made = await askRole(operator, "create.SHOP", { role: { name: "mine", account: "APP", ...kRole } });
    assert.equal(made.error.code, "refused");
    for (const subject of ["create.APP", "list.APP", "get.APP", "update.APP", "delete.APP", "list", "update"]) {
      await assert.rejects(askRole(operator, subject, { role: "ops" }), /permission/i, subject);
    }
  });

  await t.test("gives none of them to a credential", async () => {
    const client = await ask(operator, "create.SHOP", { credential: { name: "till-1", kind: "key", roles: ["till"] } });
    assert.deepEqual(client.credential?.roles, ["till"], JSON.stringify(client));
    for (const name of ["ops", "APP/ops", "none"]) {
      const made = await ask(operator, "create.SHOP", { credential: { name: "x", kind: "key", roles: ["till", name] } });
      assert.match(made.error.message, /^roles: there is no role /, name);
      const changed = await ask(operator, "update.SHOP", { credential: "till-1", set: { roles: ["till", name] } });
      assert.equal(changed.error.message, made.error.message);
    }
    await gate.admitted(asCreated(client));
  });

  assert.deepEqual(await askRole(editor, "list"), { ...before, roles: before.roles.map((role) => (role.id === "SHOP/till" ? { ...role, members: 1 } : role)) });

  await t.test("reaches no operation on roles by the subjects of credentials, nor the other way", async () => {
    const half = await gate.connect(t, await gate.create("half", "--account", "ADMIN", "--allow-pub", `${kPrefix}.*.SHOP`));
    for (const operation of ["create_role", "get_role", "list_roles", "update_role", "delete_role"]) {
      const answer = await ask(half, `${operation}.SHOP`, { role: "till" });
      assert.equal(answer.error.code, "usage");
      assert.match(answer.error.message, /there is no operation/);
    }
    const other = await gate.connect(t, await gate.create("other-half", "--account", "ADMIN", "--allow-pub", `${kRolePrefix}.*.SHOP`));
    for (const operation of ["revoke", "rotate", "suspend", "kick", "sessions", "get_role"]) {
      const answer = await askRole(other, `${operation}.SHOP`, { credential: "till-1" });
      assert.match(answer.error.message, /there is no operation/, operation);
    }
  });

  await t.test("nobody changes a role of the admin account over NATS", async () => {
    const made = await askRole(editor, "create", { role: { name: "all", account: "ADMIN", ...kRole } });
    assert.equal(made.error.code, "refused");
    assert.match(made.error.message, /by a command on the gateway's machine/);
  });
});

test("a role that is deleted meanwhile, a ninth, and one that denies", async (t) => {
  const gate = await gateWithTwoAccounts(t);
  const editor = await gate.connect(t, adminOf(gate, "editor"));
  const names = Array.from({ length: 9 }, (_, i) => `role-${i}`);
  for (const name of names) assert.equal((await askRole(editor, "create.APP", { role: { name, capabilities: ["publish"], subjects: [`${name}.>`] } })).name, name);
  const nine = await ask(editor, "create.APP", { credential: { name: "nine", kind: "key", roles: names } });
  assert.equal(nine.error.code, "usage");
  assert.match(nine.error.message, /^roles: .*8/);
  const eight = await ask(editor, "create.APP", { credential: { name: "eight", kind: "key", roles: names.slice(0, 8) } });
  assert.equal(eight.credential.roles.length, 8);
  assert.equal((await ask(editor, "update.APP", { credential: "eight", set: { roles: names } })).error.code, "usage");
  await gate.admitted(asCreated(eight));

  await t.test("of a deletion and a credential that is given the role at once, one is refused", async () => {
    for (let round = 0; round < 10; round++) {
      const name = `race-${round}`;
      await askRole(editor, "create.APP", { role: { name, ...kRole } });
      const other = adminOf(gate, "editor");
      const second = await gate.dial(other);
      const [deleted, made] = await Promise.all([
        askRole(editor, "delete.APP", { role: name }),
        ask(second, "create.APP", { credential: { name, kind: "key", roles: [name] } }),
      ]);
      await second.close();
      assert.equal([deleted.error, made.error].filter(Boolean).length, 1, JSON.stringify([deleted, made]));
      if (deleted.error) {
        assert.equal(deleted.error.code, "conflict");
        await gate.admitted(asCreated(made));
      } else {
        assert.match(made.error.message, /^roles: there is no role /);
      }
    }
  });

  await t.test("what one role denies, no other gives", async () => {
    await askRole(editor, "create.APP", { role: { name: "not-7", permissions: { publish: { deny: ["role-7.>"] } } } });
    const changed = await ask(editor, "update.APP", { credential: "eight", set: { roles: ["not-7", "role-7", "role-6"] } });
    const expanded = (await ask(editor, "get.APP", { credential: "eight" })).expanded;
    // Refused where it is given, or denied where it is used.
    if (changed.error) assert.match(changed.error.message, /^roles: /);
    else assert.ok(expanded.publish.deny.includes("role-7.>"), JSON.stringify(expanded));
  });
});
