// Somebody, or some other program, fills the disk to its last byte. Suspending and revoking go on, by
// command and over NATS, and so does a daemon that starts then.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { Gate } from "../support/gate.mjs";
import { MountSpace } from "../support/mount_space.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const kRefused = 5;

// A disk of its own at `dir`, with what was there.
const onDisk = (dir, size) =>
  `cp -a '${dir}' '${dir}.was'; mount -t tmpfs -o size=${size},mode=0700 tmpfs '${dir}'; chown --reference='${dir}.was' '${dir}'; cp -a '${dir}.was/.' '${dir}'; rm -r '${dir}.was'`;
// cat ends with an error, as it must.
const fill = (file) => `cat /dev/zero > '${file}' 2>/dev/null; test -s '${file}'`;

test("on a disk that is full to the last byte everybody can be suspended and revoked, and nothing else is done", async (t) => {
  const gate = await Gate.make(t, { start: false, admins: true });
  await gate.startServer();
  const people = [];
  for (const name of ["anna", "bert", "cora", "dora"]) people.push(await gate.create(name, ...kTraffic));
  const [anna, bert, cora, dora] = people;
  const head = gate.store("../store.head");
  const space = await MountSpace.make(t, gate, `${onDisk(gate.store("").replace(/\/$/, ""), "96m")}; ${onDisk(head, "2m")}`);
  await space.do("list"); // whoever opens the store takes the reserve
  await space.do("update", "anna", "--tag", "a=b"); // whoever notes the head takes that of the note
  await space.startGateway();
  const live = await Promise.all(people.map((who) => gate.connect(t, who)));
  await space.sh(`${fill(gate.store("filler"))}; ${fill(path.join(head, "filler"))}`);
  const left = await space.sh(`stat -f -c %a '${gate.store("")}' '${head}'`);
  assert.equal(left.stdout, "0\n0\n");
  await gate.gateway.stop();
  await space.startGateway();
  await gate.gateway.line(/event=admin_connected/);
  await gate.admitted(anna);

  // What the store has taken beyond the reserve is used up first, by large changes and then by small ones.
  const subjects = (count, round) => Array.from({ length: count }, (_, i) => `r${round}.n${i}.`.padEnd(200, "s")).join(",");
  const untilRefused = async (count) => {
    for (let round = 0; round < 200; round++) {
      const done = await space.command("update", "anna", "--subjects", subjects(count, round));
      if (done.code !== 0) return done;
    }
    return assert.fail("it was never refused");
  };
  for (const count of [500, 100, 20, 4]) {
    const refused = await untilRefused(count);
    assert.equal(refused.code, kRefused, refused.stderr);
    assert.match(refused.stderr, /the disk is nearly full: 0 KiB are left in \S+, and what the store has of it is kept for suspend and revoke/);
  }
  // A smaller change may still fit into the last page that is not reserved, so these are as large.
  for (const args of [["create", "emma", "--publish", "--subjects", subjects(20, 0)], ["update", "bert", "--subjects", subjects(20, 0)]]) {
    const done = await space.command(...args);
    assert.equal(done.code, kRefused, `${args[0]}: ${done.stderr}`);
    assert.match(done.stderr, /the disk is nearly full/);
  }

  const officer = (...args) => space.do(...args, "--context", path.join(gate.init.admins, "security-officer.json"));
  await officer("revoke", "anna", "--yes", "--reason", "flooded");
  await officer("suspend", "bert");
  for (const done of [await space.do("revoke", "cora", "--yes"), await space.do("suspend", "dora")]) {
    assert.equal(done.stderr, "", "the head is noted, too");
  }
  await Promise.all(live.map((connection) => connection.closed()));
  for (const [who, reason] of [[anna, "revoked"], [bert, "suspended"], [cora, "revoked"], [dora, "suspended"]]) await gate.denied(who, reason);
  await space.do("check", "--deep");
  const { json } = await space.do("history", "--verify", "--json");
  const noted = (await space.sh(`cat '${head}/head'`)).stdout;
  assert.ok(noted.includes(`\nhead ${json.head.replace(":", " ")}\n`), `${json.head} is not in\n${noted}`);
  assert.deepEqual(gate.gateway.lines(/event=(fault|head_not_noted)/), []);

  await space.sh(`rm '${gate.store("filler")}' '${head}/filler'`);
  await space.do("resume", "bert");
  await gate.admitted(bert);
  assert.ok(fs.existsSync(gate.store("")));
});
