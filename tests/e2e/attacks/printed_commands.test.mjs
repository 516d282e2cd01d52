// A path that others chose is one word of the commands that credgate prints to be pasted.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { temporaryDirectory } from "../support/lifetime.mjs";
import { run } from "../support/processes.mjs";
import { credgate } from "../support/programs.mjs";

// Runs the indented lines of `text` with programs that say what they were told.
async function paste(cwd, text) {
  const lines = text.split("\n").filter((line) => /^ {2}\S/.test(line));
  const say = (name) => `${name}() { printf '%s\\n' "${name}" "$@"; }`;
  const done = await run("bash", ["-c", [say("nats-server"), say("credgate"), ...lines].join("\n")], { cwd });
  assert.equal(done.code, 0, done.stderr);
  return done.stdout.split("\n");
}

for (const mode of ["config", "operator"]) {
  test(`what init prints to run next, in ${mode} mode, runs nothing else`, async () => {
    const at = temporaryDirectory();
    const dir = path.join(at, "x y;$(touch made)'`touch made`");
    const done = await run(credgate, ["init", "--mode", mode, "--dir", dir, "--server-version", "2.11.2"].slice(0, mode === "config" ? 5 : 7), { cwd: at });
    assert.equal(done.code, 0, done.stderr);
    const words = await paste(at, done.stdout.split("\nNext:\n")[1]);
    assert.ok(words.includes(path.join(dir, "nats-server.conf")), words.join("\n"));
    assert.equal(words.filter((word) => word === path.join(dir, "credgate.conf")).length, 2);
    assert.deepEqual(fs.readdirSync(at), [path.basename(dir)]);
  });
}

test("a directory that is not empty is moved away as it is named", async () => {
  const at = temporaryDirectory();
  const { stdout } = await run(credgate, ["init", "--dir", path.join(at, "./a/."), "--json"], { cwd: at });
  assert.equal(JSON.parse(stdout).config, path.join(at, "a/credgate.conf"));
  const config = path.join(at, "a/credgate.conf");
  const backup = path.join(at, "b");
  assert.equal((await run(credgate, ["backup", backup, "--config", config])).code, 0);
  const store = path.join(at, "$(touch made) s");
  fs.writeFileSync(config, fs.readFileSync(config, "utf8").replace(/"dir": "[^"]+"/, () => `"dir": "${store}"`));
  fs.mkdirSync(store);
  fs.writeFileSync(path.join(store, "kept"), "");
  const done = await run(credgate, ["restore", backup, "--config", config]);
  assert.equal(done.code, 4, done.stderr);
  const command = /move it away: (mv .*)$/m.exec(done.stderr)[1];
  assert.equal((await run("bash", ["-c", command], { cwd: at })).code, 0);
  assert.ok(fs.existsSync(path.join(`${store}.old`, "kept")));
  assert.ok(!fs.existsSync(path.join(at, "made")));
});
