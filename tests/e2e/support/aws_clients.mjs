// AWS's own clients, which sign by themselves: each a function (service, operation, input) → output, that
// throws an error whose `code` is what a user of the client sees.

import { spawn } from "node:child_process";
import path from "node:path";
import readline from "node:readline";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import { run } from "./processes.mjs";
import { root } from "./programs.mjs";

// Debian's, whatever else is in PATH; and nothing of the user's own.
const kPython = "/usr/bin/python3";
const kAws = "/usr/bin/aws";

function environment({ id, secret }, region) {
  return {
    PATH: "/usr/bin:/bin", HOME: "/nonexistent", LANG: "C.UTF-8", AWS_EC2_METADATA_DISABLED: "true", AWS_MAX_ATTEMPTS: "1",
    AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_DEFAULT_REGION: region,
  };
}

function failed(code, message) {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}

// The `aws` command, once for each operation.
export function awsCli(t, who, { region, endpoints }) {
  return async (service, operation, input) => {
    const command = operation.replace(/(?<!^)([A-Z])/g, "-$1").toLowerCase();
    const args = ["--endpoint-url", endpoints[service], "--output", "json", service, command, "--cli-input-json", JSON.stringify(input)];
    const { code, stdout, stderr } = await run(kAws, args, { env: environment(who, region), patience: 60_000 });
    if (code === 0) return stdout === "" ? {} : JSON.parse(stdout);
    const [, error, message] = /An error occurred \(([^)]+)\)[^:]*: ([^]*)/.exec(stderr) ?? [];
    throw failed(error ?? "none", message ?? stderr);
  };
}

// boto3, in one process. Its operation "presign" gives the URL of a SendMessage.
export function boto3(t, who, { region, endpoints }) {
  const file = path.join(root, "tests/e2e/support/boto3_client.py");
  const child = spawn(kPython, [file, JSON.stringify(endpoints)], { env: environment(who, region), stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  const lines = readline.createInterface(child.stdout)[Symbol.asyncIterator]();
  return async (service, operation, input) => {
    child.stdin.write(`${JSON.stringify({ service, operation, input })}\n`);
    const { value, done } = await lines.next();
    if (done) throw failed("none", "boto3 has ended");
    const { output, error, message } = JSON.parse(value);
    if (error !== undefined) throw failed(error, message);
    return output;
  };
}

// The JavaScript SDK, version 3.
export function javascript(t, { id, secret }, { region, endpoints }, maxAttempts = 1) {
  const options = (service) => ({ endpoint: endpoints[service], region, credentials: { accessKeyId: id, secretAccessKey: secret }, maxAttempts });
  const services = { sqs: [sqs, new sqs.SQSClient(options("sqs"))], sns: [sns, new sns.SNSClient(options("sns"))] };
  t.after(() => Object.values(services).forEach(([, client]) => client.destroy()));
  return async (service, operation, input) => {
    const [commands, client] = services[service];
    return client.send(new commands[`${operation}Command`](input)).catch((error) => {
      throw failed(error.name, error.message);
    });
  };
}
