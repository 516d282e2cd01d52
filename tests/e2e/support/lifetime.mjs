// What ends with the test file that started it: its processes and its temporary directories. A file that
// hangs ends too, after CREDGATE_LONGEST_FILE milliseconds.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const kLongestFile = Number(process.env.CREDGATE_LONGEST_FILE ?? 180_000);

export const processes = new Set(); // of node:child_process
const directories = new Set();

function endAll() {
  for (const child of processes) child.kill("SIGKILL");
  for (const dir of directories) removeDirectory(dir);
}
process.on("exit", endAll);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));

setTimeout(() => {
  console.error(`no end after ${kLongestFile / 1000} s`);
  process.exit(1);
}, kLongestFile).unref();

export function temporaryDirectory() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "credgate-e2e-"));
  directories.add(dir);
  return dir;
}

export function removeDirectory(dir) {
  fs.rmSync(dir, { recursive: true, force: true });
  directories.delete(dir);
}
