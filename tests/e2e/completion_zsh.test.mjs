// Tab completion in zsh. What it offers is taken where zsh would take it, at compadd.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { Gate } from "./support/gate.mjs";
import { temporaryDirectory } from "./support/lifetime.mjs";
import { run } from "./support/processes.mjs";
import { credgate } from "./support/programs.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];

test("completion in zsh", async (t) => {
  const gate = await Gate.make(t, { start: false });
  await gate.create("shop", ...kTraffic);
  await gate.create("my shop", ...kTraffic);
  const script = (await run(credgate, ["completion", "zsh"])).stdout;
  const bin = temporaryDirectory();
  fs.symlinkSync(credgate, path.join(bin, "credgate"));
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, CREDGATE_CONFIG: gate.config };

  // After these words, the last of which is being typed. zsh itself leaves out what does not begin so.
  async function offers(...typed) {
    const program = `compdef() { : }; compadd() { shift; print -rl -- "$@" }; _files() { print FILES }
${script}
words=("$@"); CURRENT=$#; _credgate`;
    const { code, stdout, stderr } = await run("zsh", ["-f", "-c", program, "zsh", ...typed], { env });
    assert.deepEqual([code, stderr], [0, ""]);
    return stdout.split("\n").filter((word) => word.startsWith(typed.at(-1)) && word !== "");
  }

  await t.test("begins as zsh wants it of a file that completes", () => {
    assert.match(script, /^#compdef credgate\n/);
  });
  await t.test("offers what bash is offered, of every command", async () => {
    const words = async (shell) => (await run(credgate, ["completion", shell])).stdout;
    const [bash, zsh] = [await words("bash"), await words("zsh")];
    for (const [, command, options] of bash.matchAll(/^ {4}(\S+)\) words="([^"]*)"/gm)) {
      const same = zsh.includes(`    ${command}) offers=(${options.trim()})`);
      assert.ok(same, `${command}: ${options}`);
    }
  });
  await t.test("offers commands, options, values, names and files", async () => {
    assert.deepEqual(await offers("credgate", "su"), ["suspend"]);
    assert.deepEqual(await offers("credgate", "create", "--sub"), ["--subjects"]);
    assert.deepEqual(await offers("credgate", "list", "--status", "s"), ["suspended"]);
    assert.deepEqual(await offers("credgate", "keys", "add", ""), ["issuer", "xkey", "master"]);
    assert.deepEqual(await offers("credgate", "show", "sh"), ["shop"]);
    assert.deepEqual(await offers("credgate", "--config", gate.config, "revoke", "my"), ["my shop"]);
    assert.deepEqual(await offers("credgate", "create", "sh"), []);
    assert.deepEqual(await offers("credgate", "--config", ""), ["FILES"]);
  });
  await t.test("does not run what a credential is called", async () => {
    const proof = path.join(gate.dir, "ran");
    for (const name of [`$(touch ${proof})`, `\`touch ${proof}\``]) await gate.create(name, ...kTraffic);
    assert.equal((await offers("credgate", "show", "")).filter((word) => word.includes(proof)).length, 2);
    assert.ok(!fs.existsSync(proof), "a credential's name was run as a command");
  });
  await t.test("zsh loads it as a completion function from a directory", async () => {
    fs.writeFileSync(path.join(bin, "_credgate"), script);
    const program = `fpath=(${bin} $fpath); autoload -Uz compinit; compinit -u -D; print -r -- $_comps[credgate]`;
    const { stdout, stderr } = await run("zsh", ["-f", "-c", program], { env });
    assert.deepEqual([stdout, stderr], ["_credgate\n", ""]);
  });
});
