// Tab completion in bash, zsh and fish. What it offers is taken where each shell would take it.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { adminOf, gateWithAdmins } from "./support/admins.mjs";
import { Gate } from "./support/gate.mjs";
import { temporaryDirectory } from "./support/lifetime.mjs";
import { run } from "./support/processes.mjs";
import { credgate } from "./support/programs.mjs";

const kTraffic = ["--publish", "--receive", "--subjects", "orders.>"];
const kShells = ["bash", "zsh", "fish"];
const kFiles = ["FILES"];

test("completion", async (t) => {
  const gate = await Gate.make(t, { start: false });
  await gate.create("shop", ...kTraffic, "--tag", "team=web", "--region", "eu");
  await gate.create("shuttle", ...kTraffic);
  await gate.create("my shop", ...kTraffic);
  await gate.do("role", "create", "reader", ...kTraffic);
  const bin = temporaryDirectory();
  fs.symlinkSync(credgate, path.join(bin, "credgate"));
  const scripts = {};
  for (const shell of kShells) scripts[shell] = (await run(credgate, ["completion", shell])).stdout;

  // How each shell is made to say what it would offer, after words the last of which is being typed.
  const harness = {
    bash: (script) => `compopt() { echo FILES; }
${script}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _credgate; printf '%s\\n' "\${COMPREPLY[@]}"`,
    zsh: (script) => `compdef() { : }; compadd() { shift; print -rl -- "$@" }; _files() { print FILES }
${script}
words=("$@"); CURRENT=$#; _credgate`,
    fish: (script) => `${script}
function __fish_complete_path; echo FILES; end
complete -C (string join ' ' -- (string escape -- $argv[1..-2]) $argv[-1])`,
  };
  const quiet = { bash: ["-c"], zsh: ["-f", "-c"], fish: ["--no-config", "-c"] };
  const first = { bash: ["bash"], zsh: ["zsh"], fish: [] };
  async function offers(shell, ...typed) {
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, CREDGATE_CONFIG: gate.config };
    const args = [...quiet[shell], harness[shell](scripts[shell]), ...first[shell], "credgate", ...typed];
    const { code, stdout, stderr } = await run(shell, args, { env });
    assert.deepEqual([code, stderr], [0, ""], shell);
    return stdout.split("\n").filter((word) => word !== "").map((line) => line.split("\t")[0]).sort();
  }

  const table = [
    [["su"], ["suspend"]],
    [["ro"], ["role", "rotate"]],
    [["help", "rot"], ["rotate"]],
    [["create", "--sub"], ["--subjects"]],
    [["update", "x", "--no-pub"], ["--no-publish"]],
    [["list", "--js"], ["--json"]],
    [["list", "--serv"], ["--server"]],
    [["backup", "--serv"], []],
    [["create", "x", "--kind", ""], ["cert", "creds", "key", "nkey", "password", "token"]],
    [["list", "--status", "s"], ["suspended"]],
    [["list", "--sort", "na"], ["name"]],
    [["list", "--columns", "name,i"], ["name,id"]],
    [["create", "x", "--connection-types", "WEB"], ["WEBSOCKET"]],
    [["history", "--action", "rev"], ["revoke"]],
    [["explain", "shop", "--type", "L"], ["LEAFNODE"]],
    [["init", "--mode", "o"], ["operator"]],
    [["keys", "add", ""], ["issuer", "master", "xkey"]],
    [["keys", "retire", "xkey", ""], ["xkey.nk"]],
    [["throttle", "c"], ["clear"]],
    [["role", "u"], ["update"]],
    [["role", "show", "re"], ["reader"]],
    [["role", "update", "x", "--no-pub"], ["--no-publish"]],
    [["create", "x", "--role", "r"], ["reader"]],
    [["update", "x", "--no-role", ""], ["reader"]],
    [["list", "--role", ""], ["reader"]],
    [["role", "--serv"], ["--serve", "--server"]],
    [["completion", ""], ["bash", "fish", "zsh"]],
    [["show", "sh"], ["shop", "shuttle"]],
    [["--config", gate.config, "revoke", "sho"], ["shop"]],
    [["history", "shu"], ["shuttle"]],
    [["--context", "/nonexistent", "li"], ["list"]],
    [["create", "sh"], []],
    [["list", "--account", "AP"], ["APP"]],
    [["list", "--tag", "t"], ["team=web"]],
    [["list", "--region", "e"], ["eu"]],
    [["--config", ""], kFiles],
    [["--context", ""], kFiles],
    [["create", "x", "--cert", ""], kFiles],
    [["create", "x", "--out", ""], kFiles],
    [["list", "--creds", ""], kFiles],
    [["doctor", ""], kFiles],
    [["import", ""], kFiles],
    [["backup", ""], kFiles],
    [["init", "--dir", ""], kFiles],
  ];
  for (const shell of kShells) {
    await t.test(`${shell} offers what can stand there`, async () => {
      const found = [];
      for (const [words] of table) found.push(await offers(shell, ...words));
      assert.deepEqual(table.map(([words], i) => [words, found[i]]), table);
    });
    await t.test(`${shell} offers every command`, async () => {
      const help = (await run(credgate, ["--help"])).stdout.split("Subcommands:\n")[1].split("\n\n")[0];
      assert.deepEqual((await offers(shell, "")).sort(), [...help.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name).sort());
    });
    await t.test(`${shell} offers a name with a space whole`, async () => {
      const [mine, ...more] = await offers(shell, "show", "my");
      assert.deepEqual(more, []);
      assert.match(mine, /^["']?my\\? shop["']?$/);
    });
  }

  await t.test("bash completes the value after an equals sign, which it takes apart", async () => {
    assert.deepEqual(await offers("bash", "list", "--status", "=", "su"), ["suspended"]);
    assert.deepEqual(await offers("zsh", "list", "--status=su"), ["--status=suspended"]);
  });
  await t.test("a revoked credential's name, which names nothing any more, is not offered", async () => {
    await gate.do("revoke", "shuttle", "--yes");
    assert.deepEqual(await offers("bash", "show", "shu"), []);
  });
  await t.test("no shell runs what a credential is called", async () => {
    const proof = path.join(gate.dir, "ran");
    for (const name of [`$(touch ${proof})`, `\`touch ${proof}\``, `'; touch ${proof}; '`, `(touch ${proof})`]) await gate.create(name, ...kTraffic);
    for (const shell of kShells) await offers(shell, "show", "");
    assert.ok(!fs.existsSync(proof), "a credential's name was run as a command");
  });
  await t.test("no shell asks for a password of standard input", async () => {
    assert.deepEqual(await offers("bash", "--server", "nats://127.0.0.1:1", "--user", "CGX", "--user-password-file", "-", "show", ""), []);
  });
});

test("completion over NATS offers the names of the remote gateway", async (t) => {
  const gate = await gateWithAdmins(t);
  await gate.create("far-shop", ...kTraffic);
  const admin = adminOf(gate, "viewer");
  const file = path.join(gate.dir, "viewer.password");
  fs.writeFileSync(file, `${admin.secret}\n`, { mode: 0o600 });
  const words = ["--server", gate.url, "--user", admin.id, "--user-password-file", file, "show", "far"];
  const { stdout } = await run(credgate, ["__complete", "credgate", ...words], { env: { ...process.env, CREDGATE_CONFIG: "/nonexistent" } });
  assert.equal(stdout, "words\nfar-shop\n");
});

test("each shell loads the script as documented", async () => {
  const dir = temporaryDirectory();
  for (const shell of kShells) fs.writeFileSync(path.join(dir, shell === "zsh" ? "_credgate" : `credgate.${shell}`), (await run(credgate, ["completion", shell])).stdout);
  assert.match(fs.readFileSync(path.join(dir, "_credgate"), "utf8"), /^#compdef credgate\n/);
  const loaded = [
    ["bash", ["-c", `source ${dir}/credgate.bash; complete -p credgate`], "complete -F _credgate credgate\n"],
    ["zsh", ["-f", "-c", `fpath=(${dir} $fpath); autoload -Uz compinit; compinit -u -D; print -r -- $_comps[credgate]`], "_credgate\n"],
    ["fish", ["--no-config", "-c", `source ${dir}/credgate.fish; complete credgate | string match -r __credgate_complete`], "__credgate_complete\n"],
  ];
  for (const [shell, args, expected] of loaded) {
    const { stdout, stderr } = await run(shell, args);
    assert.deepEqual([stdout, stderr], [expected, ""], shell);
  }
});
