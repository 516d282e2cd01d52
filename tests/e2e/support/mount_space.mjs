// A mount namespace of its own, in which commands and daemons see other disks than the rest: full ones,
// and such that are read-only. As another user than root in a user namespace of its own.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { Daemon, run } from "./processes.mjs";
import { credgate } from "./programs.mjs";

const isRoot = process.getuid() === 0;

export class MountSpace {
  // `script` makes the mounts, in sh. The namespace ends with the test.
  static async make(t, gate, script) {
    const space = new MountSpace();
    space.gate = gate;
    const keeper = `set -e; ${script}; echo mounted >&2; exec sleep 1000`;
    space.keeper = new Daemon("unshare", [isRoot ? "-m" : "-rm", "sh", "-c", keeper]);
    t.after(() => space.keeper.stop("SIGKILL"));
    await space.keeper.line(/^mounted$/);
    space.enter = ["nsenter", "-t", String(space.keeper.pid), ...(isRoot ? ["-m"] : ["-m", "-U", "--preserve-credentials"])];
    // For a daemon, whose launcher is one program.
    space.launcher = path.join(gate.dir, "enter");
    const sandbox = process.env.CREDGATE_LAUNCHER ? `'${process.env.CREDGATE_LAUNCHER}' ` : "";
    fs.writeFileSync(space.launcher, `#!/bin/sh\nexec ${space.enter.join(" ")} ${sandbox}"$@"\n`, { mode: 0o755 });
    return space;
  }

  // Any program in it, which must succeed.
  async sh(script) {
    const done = await run(this.enter[0], [...this.enter.slice(1), "sh", "-c", script]);
    assert.equal(done.code, 0, `${script}: ${done.stderr}`);
    return done;
  }

  // A command in it; `json` is its parsed standard output where that is JSON.
  async command(...args) {
    const done = await run(this.enter[0], [...this.enter.slice(1), credgate, ...args, "--config", this.gate.config]);
    try {
      done.json = JSON.parse(done.stdout);
    } catch {
      done.json = undefined;
    }
    return done;
  }
  async do(...args) {
    const done = await this.command(...args);
    assert.equal(done.code, 0, `credgate ${args.join(" ")}: ${done.stderr}`);
    return done;
  }

  async startGateway() {
    return this.gate.startGateway({ launcher: this.launcher });
  }
}
