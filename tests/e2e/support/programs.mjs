// The programs under test and where the source tree is. CREDGATE, CREDGATE_CLIENT and
// CREDGATE_NATS_SERVER name the programs. One that is missing is a failure, never a skip.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(fileURLToPath(new URL("../../..", import.meta.url)));
export const vectors = path.join(root, "tests/vectors");

function program(variable, otherwise, hint) {
  const file = process.env[variable] ?? path.join(root, otherwise);
  try {
    fs.accessSync(file, fs.constants.X_OK);
  } catch {
    throw new Error(`${file} is not a program; ${hint}, or name it in ${variable}`);
  }
  return file;
}

const kBuild = "build it: cmake --build --preset dev";
export const credgate = program("CREDGATE", "build/dev/credgate", kBuild);
export const natsClient = program("CREDGATE_CLIENT", "build/dev/tests/client", kBuild);
export const natsServer = program("CREDGATE_NATS_SERVER", "build/deps/nats-server/newest/nats-server", "get it: conf/deps.sh");

// [2, 10, 27]
export const serverVersion = execFileSync(natsServer, ["--version"], { encoding: "utf8" })
  .match(/(\d+)\.(\d+)\.(\d+)/)
  .slice(1)
  .map(Number);
// Before 2.11.2 a client without a user JWT is not asked about in operator mode.
export const hasDefaultSentinel = serverVersion[0] > 2 || serverVersion[1] > 11 || (serverVersion[1] === 11 && serverVersion[2] >= 2);
// Before 2.11.16, 2.12.7 and 2.14.0 (commit 038a56adf) nothing that a leafnode publishes is checked.
export const checksLeafnodes = serverVersion[1] >= 13 || (serverVersion[1] === 12 && serverVersion[2] >= 7) || (serverVersion[1] === 11 && serverVersion[2] >= 16);
