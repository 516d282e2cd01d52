// The manual pages say all that the commands and the configuration know.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { run } from "./support/processes.mjs";
import { credgate, vectors } from "./support/programs.mjs";

const doc = (name) => path.join(vectors, "../../doc", name);
const read = (name) => fs.readFileSync(doc(name), "utf8");

async function help(...words) {
  const { code, stdout } = await run(credgate, [...words, "--help"]);
  assert.equal(code, 0);
  return stdout;
}
async function commands() {
  const subcommands = (await help()).split("Subcommands:\n")[1].split("\n\n")[0];
  return [...subcommands.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name);
}
// As mdoc(7) has them: `.It Fl q , Fl -quiet` and the like.
const hasOption = (page, option) => new RegExp(`^\\..*(Fl|,) ${option.slice(1)}( |$)`, "m").test(page);

test("every command has its place in credgate(1), and its options are there", async () => {
  const page = read("credgate.1");
  const all = await commands();
  assert.ok(all.includes("create") && all.includes("completion"), all.join(" "));
  const missing = all.filter((command) => !page.includes(`\n.Ss ${command}\n`));
  for (const command of ["", ...all]) {
    const text = await help(...command.split(" ").filter(Boolean));
    const options = text.split("\n").filter((line) => line.startsWith("  -")).flatMap((line) => line.match(/--[a-z][a-z0-9-]*/g) ?? []);
    missing.push(...options.filter((option) => !hasOption(page, option)).map((option) => `${command} ${option}`));
  }
  assert.deepEqual(missing, []);
  assert.ok(!hasOption(page, "--subject") && hasOption(page, "--subjects"), "part of a word passes for an option");
});

test("every key of the configuration's table is in credgate.conf(5)", () => {
  const table = read("configuration.md").split("\n## ")[0];
  const keys = [...table.matchAll(/^\| (`[^|]*`)/gm)].flatMap(([, cell]) => {
    const names = [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
    const section = names[0].split(".")[0];
    return names.map((name) => (name.startsWith(".") ? section + name : name));
  });
  assert.ok(keys.includes("nats.cert_file") && keys.includes("workers"), keys.join(" "));
  const items = read("credgate.conf.5").split("\n").filter((line) => line.startsWith(".It Cm "));
  const named = items.flatMap((line) => line.slice(".It Cm ".length).split(" , "));
  assert.deepEqual(keys.filter((key) => !named.includes(key)), []);
});

test("mandoc finds nothing in the manual pages", async () => {
  for (const page of ["credgate.1", "credgate.conf.5"]) {
    const { stdout, stderr } = await run("mandoc", ["-T", "lint", doc(page)]);
    // Each names the other one, which need not be installed here.
    const found = `${stdout}${stderr}`.split("\n").filter((line) => line !== "" && !/referenced manual not found: Xr (credgate|systemd-creds)|outdated mandoc.db/.test(line));
    assert.deepEqual(found, []);
  }
});
