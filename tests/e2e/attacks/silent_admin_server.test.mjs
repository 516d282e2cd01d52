// A server that takes a connection and says nothing: whoever gives up leaves no empty file behind, which
// would look like a secret that was lost, and would refuse the next try.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import test from "node:test";
import { temporaryDirectory } from "../support/lifetime.mjs";
import { credgate } from "../support/programs.mjs";

test("no file of --out or --context-out is there before the server has answered", async (t) => {
  const server = net.createServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const dir = temporaryDirectory();
  fs.writeFileSync(path.join(dir, "password"), "a password of an admin\n", { mode: 0o600 });
  const remote = ["--server", `nats://127.0.0.1:${server.address().port}`, "--user", "CGADMIN", "--inbox-prefix", "_CG.CGADMIN", "--user-password-file", "password"];
  for (const command of [["create", "a", "--publish", "--subjects", "a"], ["rotate", "a"]]) {
    for (const option of ["--out", "--context-out"]) {
      const child = spawn(credgate, [...command, option, "made", ...remote], { cwd: dir, stdio: "ignore" });
      const [socket] = await once(server, "connection");
      assert.deepEqual(fs.readdirSync(dir), ["password"]);
      child.kill("SIGTERM");
      await once(child, "exit");
      socket.destroy();
      assert.deepEqual(fs.readdirSync(dir), ["password"], `${command[0]} ${option}`);
    }
  }
});
