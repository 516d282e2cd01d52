// A revocation that is committed between a decision's lookup and its answer: support/race_gateway.cc is
// the daemon with exactly that made to happen, for every credential, at its first use.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";
import { Gate } from "./support/gate.mjs";
import { Daemon } from "./support/processes.mjs";
import { until } from "./support/waiting.mjs";

const raceGateway = process.env.CREDGATE_RACE_GATEWAY ??
  path.join(path.dirname(new URL(import.meta.url).pathname), "../../build/dev/tests/race_gateway");

for (const mode of ["config", "operator"]) {
  test(`a connection that was let in on a record revoked meanwhile does not survive, mode ${mode}`, async (t) => {
    fs.accessSync(raceGateway, fs.constants.X_OK); // a missing program is a failure
    const gate = await Gate.make(t, { mode, start: false });
    await gate.startServer();
    gate.gateway = new Daemon(raceGateway, [gate.config]);
    gate.daemons.push(gate.gateway);
    await gate.gateway.line(/event=connected/);

    const rounds = 20;
    let letIn = 0;
    for (let i = 0; i < rounds; i++) {
      const who = await gate.create(`racer-${i}`, "--publish", "--subjects", "a");
      const mark = gate.gateway.log.length;
      // Closed while it is being let in, the client sees an error; closed after, an end.
      const connection = await gate.dial(who).catch(() => undefined);
      if (connection !== undefined) {
        letIn++;
        await until("the connection is closed", () => connection.isClosed());
      }
      const granted = await gate.gateway.line(/event=granted/, mark);
      assert.match(granted, new RegExp(`id="${who.id}"`), "the decision itself was made on the old record");
      await gate.gateway.line(/event=(kicked|kick_found_none)/, mark);
      await gate.denied(who, "revoked");
    }
    t.diagnostic(`${letIn} of ${rounds} clients were let in for a moment; none survived`);
  });
}
