// doc/tutorial.md: every block of commands is typed into one shell, in order, and does what the page says.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { processes, removeDirectory, temporaryDirectory } from "./support/lifetime.mjs";
import { Page } from "./support/pages.mjs";
import { freePort } from "./support/ports.mjs";
import { credgate, natsServer, root } from "./support/programs.mjs";
import { until } from "./support/waiting.mjs";

const kPatience = 60_000;

// How many commands a reader types: lines, without those of a file that is written and those that go on.
function countCommands(text) {
  let end;
  let goesOn = false;
  return text.split("\n").filter((line) => {
    if (end !== undefined) {
      if (line === end) end = undefined;
      return false;
    }
    end = /<<'(\w+)'$/.exec(line)?.[1];
    const counts = !goesOn && line.trim() !== "";
    goesOn = line.endsWith("\\");
    return counts;
  }).length;
}

// One bash that stays, as a reader's terminal does. It is the leader of a process group, which ends with it.
class Shell {
  constructor(t, dir) {
    const env = { ...process.env, PATH: `${dir}/bin:${process.env.PATH}`, CREDGATE_CONFIG: "" };
    this.child = spawn("bash", ["--norc"], { cwd: dir, env, detached: true, stdio: ["pipe", "pipe", "pipe"] });
    processes.add(this.child);
    this.said = "";
    for (const stream of [this.child.stdout, this.child.stderr]) stream.setEncoding("utf8").on("data", (text) => (this.said += text));
    this.ended = new Promise((resolve) => this.child.once("close", resolve));
    t.after(() => this.end());
    // A command that fails is named in what is said.
    this.child.stdin.write(`trap 'echo "failed: $BASH_COMMAND"' ERR\n`);
  }
  // What these commands print, until the last of them has ended.
  async type(text) {
    const mark = this.said.length;
    this.child.stdin.write(`${text}\necho "end of block"\n`);
    await until(`the end of:\n${text}`, () => this.said.slice(mark).includes("end of block\n") || this.child.exitCode !== null, kPatience)
      .catch((error) => { throw new Error(`${error.message}\n${this.said.slice(mark)}`); });
    assert.equal(this.child.exitCode, null, this.said.slice(mark));
    return this.said.slice(mark).replace("end of block\n", "");
  }
  async end() {
    try {
      process.kill(-this.child.pid, "SIGKILL");
    } catch {} // all of it has ended
    await this.ended;
    processes.delete(this.child);
  }
}

async function place(t) {
  const dir = temporaryDirectory();
  t.after(() => removeDirectory(dir));
  fs.mkdirSync(path.join(dir, "bin"));
  fs.symlinkSync(credgate, path.join(dir, "bin/credgate"));
  fs.symlinkSync(natsServer, path.join(dir, "bin/nats-server"));
  fs.symlinkSync(path.join(root, "tests/e2e/node_modules"), path.join(dir, "node_modules"));
  const ports = {};
  for (const port of [4222, 4231, 4232, 4233, 6231, 6232, 6233, 8422, 8423, 8424]) ports[port] = await freePort();
  // `init` listens at port 4222 where nothing else is said.
  const here = (text) => text.replace("credgate init --dir try", "$& --listen 127.0.0.1:4222").replace(/127\.0\.0\.1:(\d+)/g, (_, port) => `127.0.0.1:${ports[port]}`);
  return { dir, here };
}

test("tutorial.md", async (t) => {
  const page = new Page("tutorial.md");
  const { dir, here } = await place(t);
  const shell = new Shell(t, dir);
  const began = Date.now();
  let typed = 0;
  // Types the next block. `fails`: the commands of it that are refused, as the page says.
  const type = async (beginning, ...fails) => {
    const { text, where } = page.next(beginning);
    typed += countCommands(text);
    const said = await shell.type(here(text));
    const failed = [...said.matchAll(/^failed: (\S+ \S+ ?\S*)/gm)].map((match) => match[1]);
    assert.deepEqual(failed, fails, `${where}:\n${said}`);
    return said;
  };
  const promised = (row) => Number(new RegExp(`^\\| ${row}.*? \\| (\\d+) \\|`, "m").exec(fs.readFileSync(path.join(root, "doc/tutorial.md"), "utf8"))?.[1]);
  const reached = (row) => {
    t.diagnostic(`${row}: ${typed} commands, ${((Date.now() - began) / 1000).toFixed(1)} s`);
    assert.equal(promised(row), typed, `doc/tutorial.md says another number of commands: ${row}`);
  };

  await type("umask 077");
  assert.match(await type("nats-server -c"), /ready/);
  assert.match(await type("credgate create shop"), /orders\.>/);
  assert.equal(fs.statSync(path.join(dir, "shop.json")).mode & 0o777, 0o600);
  await type("cat > login.mjs");
  await type("cat > receive.mjs");
  await type("cat > publish.mjs");
  assert.match(await type("node receive.mjs shop.json"), /orders\.1: one coffee/);

  assert.match(await type("node publish.mjs shop.json stock.1"), /refused: Permissions Violation for Publish to "stock\.1"/);
  assert.match(await type("credgate explain", "credgate explain shop"), /stock\.1/);
  assert.match(await type("credgate revoke"), /closed: /);
  assert.match(await type("node publish.mjs shop.json orders.2", "node publish.mjs shop.json"), /refused: Authorization Violation[^]*reason="revoked"/);
  reached("a revoked client is refused");

  await type("credgate create owner");
  assert.match(JSON.parse(fs.readFileSync(path.join(dir, "owner.json"), "utf8")).warnings.join(), /^manage/);
  await type("cat > stream.mjs");
  await type("cat > worker.mjs");
  await type("node stream.mjs");
  const done = ["worker-1.log", "worker-2.log"].flatMap((name) => fs.readFileSync(path.join(dir, name), "utf8").match(/(?<=done: ).*/g) ?? []);
  assert.deepEqual(done.sort(), ["job 1", "job 2", "job 3", "job 4"]);
  reached("a worker queue runs");
  await type("node receive.mjs worker.json");
  assert.doesNotMatch(fs.readFileSync(path.join(dir, "other.log"), "utf8"), /: job/);

  assert.equal((await type("credgate suspend", "node publish.mjs desk.json")).match(/refused: Authorization Violation/g).length, 1);
  await type("credgate create screen");
  assert.equal((await type("credgate rotate", "node publish.mjs desk.json")).match(/refused: Authorization Violation/g).length, 1);
  assert.match(await type("credgate status"), /revoked[^]*reason="revoked"/);
  await type("credgate serve --instance second");
  await type("kill $gateway");
  assert.match(fs.readFileSync(path.join(dir, "second.log"), "utf8"), /event=granted .*name="desk"/);

  const jobs = fs.readFileSync(path.join(dir, "worker-1.log"), "utf8") + fs.readFileSync(path.join(dir, "worker-2.log"), "utf8");
  for (const job of ["job 5", "with the old secret", "with the new secret", "with the newest secret", "job 6"]) assert.match(jobs, new RegExp(`done: ${job}`));
  assert.doesNotMatch(jobs, /oldest/);

  await type("kill $(jobs -p)");
  await type("sed -i 's|\"nats:");
  assert.match(await type("credgate create roamer"), /orders\.3: from elsewhere[^]*closed: /);
  await type("kill $first");
  const granted = fs.readFileSync(path.join(dir, "cluster-gateway.log"), "utf8");
  assert.match(granted, /event=granted .*name="roamer".* server="nats-3"/);
  assert.match(granted, /event=granted .*name="roamer".* server="nats-2"/);
  assert.match(granted, /event=kicked .*server="nats-3"/);
  assert.match(granted, /event=granted .*name="desk".* server="nats-2"/);

  await type("credgate backup");
  assert.match(await type("mkdir -p other/run"), /not complete/);
  await type("kill $gateway");
  assert.match(fs.readFileSync(path.join(dir, "other-gateway.log"), "utf8"), /event=granted .*name="desk"/);
  await type("kill $(jobs -p)");
  page.end();
});
