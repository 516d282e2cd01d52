// Templates in what a credential may do: each login gets its own values, and one without a value gets less, never more.

import assert from "node:assert/strict";
import test from "node:test";
import { Gate } from "./support/gate.mjs";
import { assertMayNotPublish, assertMayNotSubscribe, assertMayPublish } from "./support/permissions.mjs";

test("templates", async (t) => {
  const gate = await Gate.make(t);
  const kDevice = ["--publish", "--receive", "--subjects", "dev.{name}.>,site.{tag.site}.>"];

  await t.test("are the credential's own name, id and tags", async (t) => {
    const who = await gate.create("pump-7", ...kDevice, "--tag", "site=berlin", "--allow-pub", "log.{id}");
    const connection = await gate.connect(t, who);
    for (const subject of ["dev.pump-7.x", "site.berlin.x", `log.${who.id}`]) await assertMayPublish(connection, subject);
    for (const subject of ["dev.pump-8.x", "site.paris.x", "dev.{name}.x", "log.x"]) await assertMayNotPublish(connection, subject);
    await assertMayNotSubscribe(connection, "dev.*.x");
    const { json } = await gate.do("show", "pump-7", "--json");
    assert.deepEqual(json.subjects, ["dev.{name}.>", "site.{tag.site}.>"]);
    assert.ok(json.expanded.publish.allow.includes("dev.pump-7.>"));
  });

  await t.test("hold as they are at the login", async (t) => {
    const who = await gate.create("pump-9", ...kDevice, "--tag", "site=berlin");
    await assertMayNotPublish(await gate.connect(t, who), "site.paris.x");
    await gate.do("update", "pump-9", "--tag", "site=paris");
    await assertMayPublish(await gate.connect(t, who), "site.paris.x");
  });

  for (const [what, tag] of [["no value", []], ["a value of two tokens", ["--tag", "site=a.b"]], ["a wildcard", ["--tag", "site=*"]],
    ["a value of inboxes", ["--tag", "site=_INBOX"]]]) {
    await t.test(`with ${what} give nothing, and say so`, async (t) => {
      const name = `none-${what.replaceAll(" ", "-")}`;
      const { json } = await gate.do("create", name, "--publish", "--subjects", "{tag.site}.>", ...tag, "--json");
      assert.match(json.warnings.join("\n"), /\{tag\.site\}\.> gives nothing/);
      const mark = gate.gateway.log.length;
      const connection = await gate.connect(t, { id: json.credential.id, secret: json.secret, inbox: json.inbox_prefix });
      const line = await gate.gateway.line(/event=entries_dropped/, mark);
      assert.ok(line.includes(`id="${json.credential.id}" account="APP" entries="{tag.site}.> (`), line);
      for (const subject of ["x.y", "_INBOX.x", "a.b.x", "{tag.site}.x"]) await assertMayNotPublish(connection, subject);
    });
  }

  await t.test("that deny without a value keep the client out", async () => {
    const who = await gate.create("denied", "--publish", "--subjects", "dev.>", "--deny-pub", "dev.{tag.room}.>");
    await gate.refused(who);
    await gate.do("update", "denied", "--tag", "room=attic");
    await gate.admitted(who);
  });

  for (const [subject, message] of [["a.{nope}", /there are \{id\}, \{name\} and \{tag\.KEY\}/], ["a.{{name()}}", /write \{name\}/],
    ["_{name}.>", /begins with `_`/]]) {
    await t.test(`refuse ${subject}`, async () => {
      const done = await gate.command("create", "bad", "--publish", "--subjects", subject);
      assert.equal(done.code, 2);
      assert.match(done.stderr.replace(/\s+/g, " "), message);
    });
  }
});
