// An operator who may change the credentials of one account writes as much as he can. Suspending and
// revoking must go on for everybody, and the other admins must not pay for it.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { wrongClock } from "../support/clock.mjs";
import { Gate } from "../support/gate.mjs";
import { run } from "../support/processes.mjs";
import { credgate } from "../support/programs.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const kPrefix = "credgate.v1.credentials";

const ask = async (connection, subject, body) =>
  (await connection.request(`${kPrefix}.${subject}`, JSON.stringify(body), { timeout: 10_000 })).json();

const officer = (gate, ...args) =>
  run(credgate, [...args, "--context", path.join(gate.init.admins, "security-officer.json")]);

// Every update replaces this many bytes of subjects by others.
function subjects(bytes, round) {
  return Array.from({ length: Math.ceil(bytes / 240) }, (_, i) => `r${round}.n${i}.`.padEnd(237, "s"));
}

// Confined to the account APP, where he may do everything.
async function makeOperator(gate, t) {
  await gate.do("create", "operator", "--account", "ADMIN", "--allow-pub", `${kPrefix}.*.APP`);
  const { json } = await gate.do("rotate", "operator", "--overlap", "0", "--json");
  return gate.connect(t, { id: json.credential.id, secret: json.secret, inbox: json.inbox_prefix });
}

// Acts until it is refused; gives the error, which is always the caller's and never a fault.
async function untilRefused(act) {
  for (let round = 0; round < 5_000; round++) {
    const { error } = await act(round);
    if (error === undefined) continue;
    assert.equal(error.code, "refused", error.message);
    return error.message;
  }
  return assert.fail("it was never refused");
}

test("an operator fills the map with updates and kicks: everybody can still be suspended and revoked", async (t) => {
  const gate = await Gate.make(t, { admins: true, start: false });
  gate.editConfig((text) => text.replace('/store" }', '/store", "map_size": "4MiB" }'));
  assert.match(fs.readFileSync(gate.config, "utf8"), /4MiB/);
  await gate.startServer();
  await gate.startGateway();
  await gate.gateway.line(/event=admin_connected/);
  const people = [];
  for (const name of ["anna", "bert", "cora", "dora"]) people.push(await gate.create(name, ...kTraffic));
  const [anna, bert, cora, dora] = people;
  const live = await Promise.all(people.map((who) => gate.connect(t, who)));
  const operator = await makeOperator(gate, t);

  const update = (bytes) => (round) => ask(operator, "update.APP", { credential: anna.id, set: { subjects: subjects(bytes, round) } });
  const kick = () => ask(operator, "kick.APP", { credential: dora.id });
  for (const bytes of [15_000, 5_000, 1_000, 100]) {
    assert.match(await untilRefused(update(bytes)), /the map is nearly full: \d+ KiB of 4 MiB .* credgate history --prune/);
  }
  assert.match(await untilRefused(kick), /the map is nearly full/);
  for (const [operation, body] of [
    ["create", { credential: { name: "new", capabilities: ["publish"], subjects: ["a"] }, request_id: "r" }],
    ["rotate", { credential: bert.id }],
    ["update", { credential: bert.id, set: { tags: ["a=b"] } }],
  ]) {
    assert.equal((await ask(operator, `${operation}.APP`, body)).error.code, "refused", operation);
  }
  const here = await gate.command("update", "bert", "--tag", "a=b");
  assert.equal(here.code, 5);
  assert.match(here.stderr, /the map is nearly full/);

  for (const [who, result] of [
    [anna, await officer(gate, "revoke", "anna", "--yes", "--reason", "flooded")],
    [bert, await officer(gate, "suspend", "bert")],
    [cora, await gate.command("revoke", "cora", "--yes")],
    [dora, await gate.command("suspend", "dora")],
  ]) {
    assert.equal(result.code, 0, `${who.name}: ${result.stderr}`);
  }
  await Promise.all(live.map((connection) => connection.closed()));
  for (const [who, reason] of [[anna, "revoked"], [bert, "suspended"], [cora, "revoked"], [dora, "suspended"]]) await gate.denied(who, reason);
  const stopped = await gate.command("revoke", "operator", "--yes");
  assert.equal(stopped.code, 0, stopped.stderr);
  await gate.do("check", "--deep");
  await gate.do("history", "--verify");
  assert.deepEqual(gate.gateway.lines(/event=fault/), [], "a request that is refused is not a fault");
});

test("an operator may write so much in an hour and no more: the others can, and he can still revoke", async (t) => {
  const gate = await Gate.make(t, { admins: true });
  await gate.gateway.line(/event=admin_connected/);
  const anna = await gate.create("anna", ...kTraffic);
  await gate.create("bert", ...kTraffic);
  const operator = await makeOperator(gate, t);
  let rounds = 0;
  const update = (name) => () => {
    rounds += 1;
    return ask(operator, "update.APP", { credential: name, set: { subjects: subjects(200_000, rounds) } });
  };
  assert.match(await untilRefused(update("anna")), /^nats:CG\S+ has written 16 MiB into the journal within an hour.* try again after 20\S+Z/);
  assert.ok(rounds > 30, String(rounds));

  const editor = (...args) => run(credgate, [...args, "--context", path.join(gate.init.admins, "editor.json")]);
  assert.equal((await editor("update", "bert", "--tag", "a=b")).code, 0);
  await gate.do("update", "bert", "--tag", "a=c");
  const { error } = await ask(operator, "suspend.APP", { credential: "bert" });
  assert.equal(error, undefined);
  assert.equal((await ask(operator, "revoke.APP", { credential: anna.id })).error, undefined);
  await gate.denied(anna, "revoked");

  await gate.gateway.stop();
  await gate.startGateway();
  await gate.gateway.line(/event=admin_connected/);
  rounds = 0;
  assert.match(await untilRefused(update("bert")), /within an hour/);
  assert.ok(rounds < 15, `a restart renews nothing, but there were ${rounds} rounds`);
});

test("what is pruned is told, and the rest is still proved", async (t) => {
  const gate = await Gate.make(t);
  const anna = await gate.create("anna", ...kTraffic);
  for (const tag of ["a=1", "a=2", "a=3"]) await gate.do("update", "anna", "--tag", tag);
  const noted = (await gate.do("history", "--verify", "--json")).json.head;
  const refused = [
    [["history", "--prune", "30m", "--yes"], /last hour/],
    [["history", "--prune", "soon", "--yes"], /not a timestamp/],
    [["history", "--prune", "90d"], /--yes/],
    [["history", "anna", "--prune", "90d", "--yes"], /takes no other option/],
    [["history", "--yes"], /only for --prune/],
  ];
  for (const [args, message] of refused) {
    const done = await gate.command(...args);
    assert.equal(done.code, 2, args.join(" "));
    assert.match(done.stderr, message);
  }
  assert.match((await gate.do("history", "--prune", "90d", "--yes")).stdout, /removed 0 entries; the journal begins at 1/);

  // As if it were three hours later.
  const later = { env: { ...process.env, ...(await wrongClock(gate.dir, 3 * 3600)) } };
  const pruned = await run(credgate, ["history", "--prune", "2h", "--yes", "--json", "--config", gate.config], later);
  assert.equal(pruned.code, 0, pruned.stderr);
  assert.deepEqual(JSON.parse(pruned.stdout), { removed: 4, oldest: 5 });
  await gate.do("history", "--verify");
  await gate.do("history", "--verify", "--from", noted);
  const cut = await gate.command("history", "--verify", "--from", noted.replace(/^4:/, "3:"));
  assert.equal(cut.code, 1);
  assert.match(cut.stdout, /entry 3 was noted, and cannot be compared/);
  const [entry, ...more] = (await gate.do("history", "--json")).json;
  assert.deepEqual(more, []);
  assert.deepEqual([entry.sequence, entry.action, entry.fields], [5, "prune", { oldest: { before: 1, after: 5 } }]);
  assert.match((await gate.do("history")).stderr, /the journal begins at 5; older entries were removed/);
  await gate.do("check", "--deep");

  // The daemon, which was there all the time, goes on with what comes.
  const live = await gate.connect(t, anna);
  await gate.do("revoke", "anna", "--yes");
  await live.closed();
  await gate.denied(anna, "revoked");
});
