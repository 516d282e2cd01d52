// A gateway, the proxy of tests/proxy, and requests to it that are signed by hand.

import http from "node:http";
import { startProxy } from "../../proxy/main.mjs";
import { Gate } from "./gate.mjs";
import { freePort } from "./ports.mjs";
import { sign } from "./sigv4_signer.mjs";
import { until } from "./waiting.mjs";

const kRegion = "eu-test-1";

export async function proxyWorld(t) {
  const ports = { sqs: await freePort(), sns: await freePort() };
  const gate = await Gate.make(t, { admins: true, start: false });
  const hosts = Object.values(ports).map((port) => `"127.0.0.1:${port}"`);
  gate.editConfig((text) => text.replace('"master_key"', `"sigv4_hosts": [${hosts.join(", ")}],\n  "master_key"`));
  await gate.startServer();
  await gate.startGateway();
  await gate.gateway.line(/event=admin_connected/);
  const begun = Date.now();
  const own = async (...args) => {
    const { id, secret, inbox } = await gate.create(...args);
    return { id, secret, inbox_prefix: inbox };
  };
  const proxy = await startProxy({
    nats: gate.url,
    region: kRegion,
    listen: { sqs: { host: "127.0.0.1", port: ports.sqs }, sns: { host: "127.0.0.1", port: ports.sns } },
    credential: await own("proxy", "--account", "ADMIN", "--allow-pub", "credgate.v1.sigv4.verify", "--allow-sub", "credgate.v1.events.credential.>", "--connection-types", "STANDARD"),
    accounts: { APP: await own("proxy-app", "--allow-pub", "$JS.API.>", "--connection-types", "STANDARD") },
  });
  t.after(() => proxy.close());
  const endpoints = { sqs: `http://127.0.0.1:${ports.sqs}`, sns: `http://127.0.0.1:${ports.sns}` };
  return {
    gate, proxy, ports, region: kRegion, endpoints,
    // A caller, for the queue and the topic of its name.
    caller: (name, ...args) => gate.create(name, "--sigv4", "--sigv4-connect", ...args),
    owner: (name) => gate.create(
      name, "--sigv4", "--sigv4-connect", "--publish", "--receive", "--manage",
      "--subjects", `sqs.${name},sns.${name}`, "--streams", `SQS_${name},SNS_${name}`, "--consumers", "sqs",
    ),
    url: (queue) => `${endpoints.sqs}/000000000000/${queue}`,
    arn: (service, name) => `arn:aws:${service}:${kRegion}:000000000000:${name}`,
    // What is dated up to six seconds after the daemon's first start may have been used before it.
    ready: () => until("seven seconds to be over", () => Date.now() > begun + 7_500),
  };
}

// What came back: { status, headers, text, code }.
function send(port, { method = "POST", path: path_, query = "", headers, body = "" }) {
  return new Promise((resolve, reject) => {
    const target = query === "" ? path_ : `${path_}?${query}`;
    const request = http.request({ host: "127.0.0.1", port, method, path: target, setHost: false, headers: [...headers, ["Content-Length", String(Buffer.byteLength(body))]].flat() });
    request.once("error", reject).once("response", async (response) => {
      let text = "";
      for await (const part of response.setEncoding("utf8")) text += part;
      const code = /<Code>([^<]*)/.exec(text)?.[1] ?? (text.startsWith("{") ? JSON.parse(text).__type?.split("#")[1] : undefined);
      resolve({ status: response.statusCode, headers: response.headers, text, code });
    });
    request.end(Buffer.from(body)); // a text would take the headers into its encoding
  });
}

// A signed ListQueues in either protocol; `change` breaks it afterwards.
export function listQueues(here, who, { json = false, change = (it) => it, headers = [], ...facts } = {}) {
  const body = json ? "{}" : "Action=ListQueues&Version=2012-11-05";
  const own = json
    ? [["X-Amz-Target", "AmazonSQS.ListQueues"], ["Content-Type", "application/x-amz-json-1.0"]]
    : [["Content-Type", "application/x-www-form-urlencoded"]];
  const request = { host: `127.0.0.1:${here.ports.sqs}`, accessKey: who.id, secret: who.secret, region: kRegion, body, headers: [...own, ...headers], ...facts };
  return send(here.ports.sqs, change({ ...sign(request), body }));
}
