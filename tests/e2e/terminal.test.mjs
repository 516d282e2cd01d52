// What a person sees: output fits a terminal of 80 and of 120 columns, has colours there alone, and
// is the same for programs whatever the terminal.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { Gate } from "./support/gate.mjs";
import { run } from "./support/processes.mjs";
import { credgate } from "./support/programs.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const kWidths = [80, 120];
const kColours = /\u001b\[\d+m/g;

const quoted = (word) => `'${word.replaceAll("'", "'\\''")}'`;

// Runs commands one after the other on a terminal of so many columns. script(1) makes the terminal.
async function inTerminal(columns, commands, env = {}) {
  const lines = commands.map((words) => [credgate, ...words].map(quoted).join(" "));
  const { NO_COLOR, COLUMNS, ...rest } = process.env;
  const done = await run("script", ["-qec", `stty cols ${columns} rows 50; ${lines.join("; ")}`, "/dev/null"], {
    env: { ...rest, TERM: "xterm", ...env },
  });
  return done.stdout.replaceAll("\r\n", "\n");
}

function assertFits(text, columns, what) {
  for (const line of text.replace(kColours, "").split("\n")) {
    assert.ok([...line].length <= columns, `${what}: ${[...line].length} columns, not ${columns}: ${line}`);
  }
}

test("in a terminal", async (t) => {
  const gate = await Gate.make(t);
  await gate.gateway.line(/event=system_connected/);
  const shop = await gate.create("shop", ...kTraffic, "--tag", "team=web", "--tag", "owner=anna", "--region", "", "--expires", "30d");
  await gate.create("sensor-reader-of-the-long-hall", "--kind", "nkey", "--publish", "--subjects", "sensors.>,alarms.>,measurements.of.the.long.hall.>");
  await gate.create("alice", "--kind", "password", "--receive", "--subjects", "news.>");
  await gate.do("suspend", "alice", "--reason", "unpaid since the end of last year, as the accounting department has written twice");
  await gate.connect(t, shop);
  await gate.denied({ id: "CGAAAAAAAAAAAAAAAAAA", secret: "x".repeat(40) }, "unknown_credential");
  const at = (...words) => [...words, "--config", gate.config];
  const outputs = {
    list: at("list"),
    "list of all columns": at("list", "--all", "--columns", "name,kind,status,expires,used,tags,created"),
    show: at("show", "shop"),
    history: at("history"),
    sessions: at("sessions", "shop"),
    status: at("status"),
    "keys list": at("keys", "list"),
    check: at("check"),
    doctor: at("doctor"),
    explain: at("explain", "shop", "--publish", "orders.1"),
    "throttle list": at("throttle", "list"),
  };
  for (const columns of kWidths) {
    for (const [what, words] of Object.entries(outputs)) {
      await t.test(`${what} fits ${columns} columns`, async () => {
        assertFits(await inTerminal(columns, [words]), columns, what);
      });
    }
    await t.test(`create fits ${columns} columns, and its lines can be copied`, async () => {
      const name = `made at ${columns}`;
      const text = await inTerminal(columns, [at("create", name, ...kTraffic)]);
      assertFits(text, columns, "create");
      const command = /^ {2}nats CLI +(nats [^]*? rtt)$/m.exec(text)[1];
      const { stdout } = await run("bash", ["-c", `nats() { printf '%s\\n' "$@"; }; ${command}`]);
      const { json } = await gate.do("show", name, "--json");
      assert.deepEqual(stdout.split("\n").slice(0, -1), [`--server=${gate.url}`, `--user=${json.id}`, `--inbox-prefix=_CG.${json.id}`, "rtt"]);
    });
    await t.test(`help fits ${columns} columns`, async () => {
      const commands = [...(await run(credgate, ["--help"])).stdout.split("Subcommands:\n")[1].split("\n\n")[0].matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name);
      assert.ok(commands.length > 20);
      const text = await inTerminal(columns, [["--help"], ...commands.map((command) => [command, "--help"])]);
      assertFits(text, columns, "help");
      assert.ok(text.split("\n").some((line) => line.length > columns - 12), "it does not use the terminal's width");
    });
  }

  await t.test("a wide one shows columns that a narrow one has no room for", async () => {
    const [narrow, wide] = [await inTerminal(80, [at("keys", "list")]), await inTerminal(200, [at("keys", "list")])];
    assert.ok(!narrow.includes("FILE") && wide.includes("FILE"));
    for (const text of [narrow, wide]) assert.match(text, /issuer +\S+ +A[A-Z2-7]{55}\b/); // is copied into the server's configuration
  });
  await t.test("COLUMNS says the width where output is not a terminal, which is 80 else", async () => {
    const list = async (env) => (await run(credgate, at("list"), { env: { ...process.env, ...env } })).stdout;
    assertFits(await list({ COLUMNS: "" }), 80, "list");
    assert.equal(await list({ COLUMNS: "" }), await list({ COLUMNS: "80" }));
    assert.equal(await list({ COLUMNS: "x" }), await list({ COLUMNS: "80" }));
    assertFits(await list({ COLUMNS: "60" }), 60, "list");
    assert.ok((await list({ COLUMNS: "200" })).includes(shop.id));
  });
  await t.test("JSON is the same, whatever the width", async () => {
    for (const words of [at("list", "--json"), at("keys", "list", "--json"), at("history", "--json")]) {
      assert.equal(await inTerminal(80, [words]), (await run(credgate, words)).stdout);
    }
  });
  await t.test("colours are for a terminal that has them", async () => {
    const list = (env) => inTerminal(80, [at("list")], env);
    assert.match(await list({}), /\u001b\[32mactive/);
    assert.match(await list({}), /\u001b\[33msuspended/);
    assert.match(await list({ NO_COLOR: "" }), kColours); // as no-color.org has it
    for (const env of [{ NO_COLOR: "1" }, { TERM: "dumb" }]) assert.doesNotMatch(await list(env), kColours);
    assert.doesNotMatch((await run(credgate, at("list"))).stdout, kColours);
  });
  await t.test("long work says how far it is, there alone", async () => {
    const file = (name) => path.join(gate.dir, name);
    assert.match(await inTerminal(80, [at("export", "--out", file("a.jsonl"))]), /exporting {2}\[#* *\] \d+ % {2}\d+ of \d+/);
    assert.equal((await gate.do("export", "--out", file("c.jsonl"))).stderr, "");
    const checked = await inTerminal(80, [at("check", "--deep")]);
    for (const what of ["checking the pages", "checking the entries"]) assert.match(checked, new RegExp(`${what} {2}\\[#* *\\] \\d+ % {2}\\d+ of \\d+`));
    assert.equal((await gate.do("check", "--deep")).stderr, "");
  });
  await t.test("control characters of names do not reach it", async () => {
    const name = "evil \u009b31m name";
    const made = await gate.command("create", name, ...kTraffic, "--tag", "k=\u009b31m");
    if (made.code === 0) assert.ok(!(await inTerminal(80, [at("list"), at("show", name), at("history")])).includes("\u009b"));
    else assert.equal(made.code, 2);
  });
});
