// Roles as whoever runs credgate uses them: made, given, changed for all who have them, deleted.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { adminOf, gateWithAdmins } from "./support/admins.mjs";
import { Gate } from "./support/gate.mjs";
import { assertMayNotPublish, assertMayNotSubscribe, assertMayPublish, refusals } from "./support/permissions.mjs";
import { run } from "./support/processes.mjs";
import { credgate } from "./support/programs.mjs";

async function assertMaySubscribe(connection, subject) {
  assert.deepEqual(await refusals(connection, () => connection.subscribe(subject, { callback() {} })), [], subject);
}
const words = (text) => text.replace(/\s+/g, " ");

test("a role, from the first to the last command", async (t) => {
  const gate = await Gate.make(t);
  // What people see in 80 columns.
  async function narrow(...args) {
    const done = await run(credgate, [...args, "--config", gate.config], { env: { ...process.env, COLUMNS: "80" } });
    assert.equal(done.code, 0, `credgate ${args.join(" ")}: ${done.stderr}`);
    for (const line of done.stdout.split("\n")) assert.ok([...line].length <= 80, `too wide: ${line}`);
    return done;
  }

  await t.test("there is none at first, and it is said how to make one", async () => {
    const done = await gate.do("role", "list");
    assert.deepEqual([done.stdout, done.stderr], ["", "no roles; create one with: credgate role create, see --help\n"]);
    assert.deepEqual((await gate.do("role", "list", "--json")).json, []);
  });

  await t.test("it is made, shown and listed", async () => {
    const made = await narrow("role", "create", "device", "--publish", "--subjects", "sensors.{name}.>", "--description", "what every pump may do");
    assert.equal(made.stdout, "role APP/device created; revision 1\n");
    const shown = (await narrow("role", "show", "device")).stdout;
    assert.match(shown, /^name +device$/m);
    assert.match(shown, /^account +APP$/m);
    assert.match(shown, /^description +what every pump may do$/m);
    assert.match(shown, /^members +0$/m);
    assert.match(shown, /^ {2}publish {3}allow {2}sensors\.\{name\}\.>$/m);
    const { json } = await gate.do("role", "show", "APP/device", "--json");
    assert.deepEqual([json.id, json.revision, json.members, json.member_ids, json.capabilities], ["APP/device", 1, 0, [], ["publish"]]);
    assert.match((await narrow("role", "list")).stdout, /^NAME +ACCOUNT +MEMBERS +CHANGED +DESCRIPTION\ndevice +APP +0 +.*what every pump may do\n$/);
    const listed = (await gate.do("role", "list", "--json")).json;
    assert.deepEqual(listed.map(({ id, members }) => [id, members]), [["APP/device", 0]]);
  });

  let one, two;
  await t.test("credentials get it at create and at update, beside what they have", async (t) => {
    one = await gate.create("pump-1", "--role", "device");
    two = await gate.create("pump-2", "--publish", "--subjects", "logs.>");
    const before = await gate.connect(t, two);
    assert.equal((await narrow("update", "pump-2", "--role", "device", "--now")).stdout,
      `${two.id} "pump-2" updated; 1 session closed; revision 2\n`);
    await before.closed();
    const [oneIn, twoIn] = [await gate.connect(t, one), await gate.connect(t, two)];
    await assertMayPublish(oneIn, "sensors.pump-1.heat");
    for (const subject of ["sensors.pump-2.heat", "logs.x", "sensors.{name}.x"]) await assertMayNotPublish(oneIn, subject);
    for (const subject of ["sensors.pump-2.heat", "logs.x"]) await assertMayPublish(twoIn, subject);
    await assertMayNotPublish(twoIn, "sensors.pump-1.heat");
  });

  await t.test("show says from where each subject comes, and list who has it", async () => {
    const shown = (await narrow("show", "pump-2")).stdout;
    assert.match(shown, /^roles +device$/m);
    assert.match(shown, /^ {2}publish {3}allow {2}sensors\.pump-2\.> \(role device\)$/m);
    assert.match(shown, /^ {2}publish {3}allow {2}logs\.>$/m);
    await gate.do("update", "pump-2", "--subjects", "logs.>,sensors.pump-2.>");
    assert.match((await narrow("show", "pump-2")).stdout, /sensors\.pump-2\.> \(its own, and role device\)$/m);
    await gate.do("update", "pump-2", "--subjects", "logs.>");
    await gate.create("other", "--publish", "--subjects", "x");
    assert.deepEqual((await gate.do("list", "--role", "device", "--json")).json.map(({ name, roles }) => [name, roles]).sort(),
      [["pump-1", ["device"]], ["pump-2", ["device"]]]);
    assert.match((await narrow("list", "--columns", "name,roles")).stdout, /^NAME +ROLES\nother +-\npump-1 +device\npump-2 +device\n$/);
    assert.match((await narrow("role", "show", "device")).stdout, /^members +2: CG\w+, CG\w+$/m);
    assert.deepEqual((await gate.do("role", "show", "device", "--json")).json.member_ids.sort(), [one.id, two.id].sort());
  });

  await t.test("a change without --now is for those who come, with --now for all", async (t) => {
    const [first, second] = [await gate.connect(t, one), await gate.connect(t, two)];
    assert.equal((await narrow("role", "update", "device", "--allow-sub", "commands.{name}")).stdout,
      "role APP/device updated for new connections; revision 2\n");
    await assertMayNotSubscribe(first, "commands.pump-1");
    await assertMaySubscribe(await gate.connect(t, one), "commands.pump-1");
    const done = await gate.do("role", "update", "device", "--deny-pub", "sensors.*.secret", "--reason", "leaks", "--now", "--json");
    assert.equal(done.json.changed, true);
    assert.equal(done.json.revision, 3);
    assert.equal(done.json.closing.done, true);
    assert.ok(done.json.closing.closed >= 3, JSON.stringify(done.json.closing));
    await Promise.all([first.closed(), second.closed()]);
    for (const who of [one, two]) {
      const again = await gate.connect(t, who);
      await assertMayPublish(again, `sensors.${who.name}.heat`);
      await assertMayNotPublish(again, `sensors.${who.name}.secret`);
    }
    assert.equal((await narrow("role", "update", "device", "--deny-pub", "sensors.*.secret")).stdout, "role APP/device unchanged; revision 3\n");
    await gate.do("role", "update", "device", "--deny-pub", "");
    await assertMayPublish(await gate.connect(t, one), "sensors.pump-1.secret");
  });

  await t.test("it is not deleted while somebody has it", async () => {
    const done = await gate.command("role", "delete", "device", "--yes");
    assert.equal(done.code, 4);
    assert.match(words(done.stderr), /the role device is in use.*CG\w{18}.*--no-role device/);
    await gate.admitted(one);
    assert.equal((await gate.command("role", "delete", "device")).code, 2, "nobody is there to be asked");
  });

  await t.test("it is taken from them, and deleted", async (t) => {
    await gate.do("update", "pump-2", "--no-role", "device");
    const connection = await gate.connect(t, two);
    await assertMayPublish(connection, "logs.x");
    await assertMayNotPublish(connection, "sensors.pump-2.heat");
    await gate.do("revoke", "pump-1", "--yes");
    assert.equal((await narrow("role", "delete", "device", "--yes")).stdout, "role APP/device deleted\n");
    assert.equal((await gate.command("role", "show", "device")).code, 3);
    assert.equal((await gate.command("update", "pump-2", "--role", "device")).code, 2);
    await gate.do("role", "create", "device", "--publish", "--subjects", "x");
    const json = (await gate.do("role", "delete", "device", "--yes", "--json")).json;
    assert.deepEqual(json, { id: "APP/device", account: "APP", name: "device", deleted: true });
  });
});

test("what roles refuse", async (t) => {
  const gate = await Gate.make(t);
  gate.editConfig((text) => text.replace(/"accounts": \[/, '$&"OTHER", '));
  await gate.do("role", "create", "r", "--publish", "--subjects", "mine.>", "--account", "APP");
  await gate.do("role", "create", "theirs", "--publish", "--subjects", "theirs.>", "--account", "OTHER");
  const who = await gate.create("shop", "--publish", "--subjects", "own.>", "--account", "APP");
  const refused = async (code, pattern, ...args) => {
    const before = (await gate.do("show", "shop", "--json")).json.revision;
    const done = await gate.command(...args);
    assert.equal(done.code, code, `${args.join(" ")}: ${done.stderr}`);
    assert.match(words(done.stderr), pattern);
    assert.equal((await gate.do("show", "shop", "--json")).json.revision, before, "nothing changed");
  };

  await t.test("a role of another account, whatever it is called", async () => {
    await refused(2, /--role: there is no role "theirs" in account APP/, "update", "shop", "--role", "theirs");
    await refused(2, /--role: /, "update", "shop", "--role", "OTHER/theirs");
    await assertMayNotPublish(await gate.connect(t, who), "theirs.x");
  });
  await t.test("a ninth role", async () => {
    const eight = [..."abcdefgh"];
    for (const name of [...eight, "i"]) await gate.do("role", "create", name, "--publish", "--subjects", `${name}.>`, "--account", "APP");
    await gate.do("update", "shop", "--role", eight.join());
    await refused(2, /--role: must .*8/, "update", "shop", "--role", "i");
    const connection = await gate.connect(t, who);
    for (const name of eight) await assertMayPublish(connection, `${name}.x`);
    await assertMayNotPublish(connection, "i.x");
    await gate.do("update", "shop", "--no-role", eight.join());
  });
  await t.test("a role that is not there, to have, to take away and to list", async () => {
    await refused(2, /no role "nope" in account APP/, "update", "shop", "--role", "nope");
    await refused(2, /"shop" does not have the role "r"; it has none/, "update", "shop", "--no-role", "r");
    await refused(3, /nope/, "list", "--role", "nope");
  });
  await t.test("the same role to have and to take away", async () => {
    await refused(2, /--role r and --no-role r contradict each other/, "update", "shop", "--role", "r", "--no-role", "r");
  });
  await t.test("everything, where another one has streams", async () => {
    await gate.do("role", "create", "all", "--publish", "--everything", "--account", "APP");
    await gate.do("role", "create", "stream", "--receive", "--streams", "S", "--account", "APP");
    await gate.do("update", "shop", "--role", "stream");
    await refused(2, /--role: .*`?everything/, "update", "shop", "--role", "all");
  });
  await t.test("a name that two accounts have, until one is meant", async () => {
    await gate.do("role", "create", "r", "--publish", "--subjects", "r.>", "--account", "OTHER");
    await refused(2, /APP.*OTHER|OTHER.*APP/, "role", "show", "r");
    assert.equal((await gate.do("role", "show", "OTHER/r", "--json")).json.account, "OTHER");
    assert.equal((await gate.do("role", "show", "r", "--account", "APP", "--json")).json.account, "APP");
  });
  await t.test("two changes at once lose none", async () => {
    await gate.do("update", "shop", "--no-role", "stream");
    await Promise.all([..."abcd"].map((name) => gate.do("update", "shop", "--role", name)));
    assert.deepEqual((await gate.do("show", "shop", "--json")).json.roles.sort(), [..."abcd"]);
  });
});

test("roles over NATS", async (t) => {
  const gate = await gateWithAdmins(t);
  const admin = adminOf(gate, "editor");
  const file = path.join(gate.dir, "editor.password");
  fs.writeFileSync(file, `${admin.secret}\n`, { mode: 0o600 });
  const far = ["--server", gate.url, "--user", admin.id, "--user-password-file", file, "--config", "/nonexistent"];
  const command = (...args) => run(credgate, [...args, ...far]);
  const ask = async (...args) => {
    const done = await command(...args);
    assert.equal(done.code, 0, `${args.join(" ")}: ${done.stderr}`);
    return done.stdout;
  };
  assert.match(await ask("role", "create", "far", "--account", "APP", "--publish", "--subjects", "far.>"), /^role APP\/far created; revision \d+\n$/);
  const made = JSON.parse(await ask("create", "distant", "--account", "APP", "--role", "far", "--json"));
  const who = { id: made.credential.id, name: "distant", secret: made.secret, inbox: made.inbox_prefix };
  const connection = await gate.connect(t, who);
  await assertMayPublish(connection, "far.x");
  assert.match(await ask("show", "distant"), /far\.> \(role far\)$/m);
  assert.match(await ask("role", "update", "far", "--deny-pub", "far.x", "--now"), /^role APP\/far updated; 1 session closed; revision \d+\n$/);
  await connection.closed();
  await assertMayNotPublish(await gate.connect(t, who), "far.x");
  const refused = await command("role", "delete", "far", "--yes");
  assert.equal(refused.code, 4, refused.stderr);
  await ask("revoke", "distant", "--yes");
  assert.match(await ask("role", "list"), /^far +APP +0 /m);
  assert.equal(await ask("role", "delete", "far", "--yes"), "role APP/far deleted\n");
  assert.equal((await gate.command("role", "show", "far")).code, 3);
});
