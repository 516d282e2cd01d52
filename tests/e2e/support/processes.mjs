// Processes that the tests start: one that runs until it is ended, and one that ends by itself.

import { spawn } from "node:child_process";
import { processes } from "./lifetime.mjs";
import { credgate } from "./programs.mjs";
import { kPatience, until } from "./waiting.mjs";

// A sentence stays on one line, for tests of what it says; terminal.test.mjs is about where it is broken.
process.env.COLUMNS ??= "1000";

// A program that runs until it is ended. Its standard error is its log.
export class Daemon {
  constructor(file, args, options = {}) {
    this.log = "";
    this.exit = null; // { code, signal } once it has ended
    this.child = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"], ...options });
    processes.add(this.child);
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding("utf8").on("data", (text) => (this.log += text));
    this.ended = new Promise((resolve, reject) => {
      this.child.once("error", reject);
      this.child.once("close", (code, signal) => {
        processes.delete(this.child);
        this.exit = { code, signal };
        resolve(this.exit);
      });
    });
    this.ended.catch(() => {});
  }
  get pid() {
    return this.child.pid;
  }
  lines(pattern) {
    return this.log.split("\n").filter((line) => pattern.test(line));
  }
  // The first line from `mark`, a length of the log, on that fits.
  async line(pattern, mark = 0, patience = kPatience) {
    return until(
      `a line like ${pattern} in the log:\n${this.log.slice(mark)}`,
      () => {
        const found = this.log.slice(mark).split("\n").slice(0, -1).find((line) => pattern.test(line));
        if (found === undefined && this.exit) {
          throw new Error(`ended (${JSON.stringify(this.exit)}) before a line like ${pattern}:\n${this.log}`);
        }
        return found;
      },
      patience,
    ).catch((error) => {
      throw new Error(`${error.message}\nthe log now:\n${this.log.slice(mark)}`);
    });
  }
  signal(name) {
    this.child.kill(name);
  }
  // One that SIGSTOP holds goes on, or it would never see the signal.
  async stop(signal = "SIGTERM") {
    if (!this.exit) {
      this.child.kill(signal);
      this.child.kill("SIGCONT");
    }
    return this.ended;
  }
}

// What starts a daemon with these options: program and arguments. CREDGATE_LAUNCHER is a program that
// runs the command line it is given: a sandbox.
export function daemonCommand(options, launcher = process.env.CREDGATE_LAUNCHER ?? "") {
  const command = [credgate, "serve", ...options];
  if (launcher !== "") command.unshift(launcher);
  return [command[0], command.slice(1)];
}

// Runs a program to its end, which must come by itself.
export async function run(file, args, { input = "", patience = kPatience, ...options } = {}) {
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"], ...options });
  processes.add(child);
  const out = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"]) {
    child[stream].setEncoding("utf8").on("data", (text) => (out[stream] += text));
  }
  child.stdin.on("error", () => {}); // it may end without reading
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${file} ${args.join(" ")} did not end within ${patience} ms:\n${out.stderr}`));
    }, patience);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(limit);
      processes.delete(child);
      resolve({ code, signal, ...out });
    });
  });
}
