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
  const settings = {
    nats: gate.url,
    region: kRegion,
    credential: await own("proxy", "--account", "ADMIN", "--allow-pub", "credgate.v1.sigv4.verify", "--allow-sub", "credgate.v1.events.*.*", "--connection-types", "STANDARD"),
    accounts: { APP: await own("proxy-app", "--allow-pub", "$JS.API.>", "--connection-types", "STANDARD") },
  };
  const start = async (listen) => {
    const proxy = await startProxy({ ...settings, listen });
    t.after(() => proxy.close());
    return proxy;
  };
  const proxy = await start({ sqs: { host: "127.0.0.1", port: ports.sqs }, sns: { host: "127.0.0.1", port: ports.sns } });
  const endpoints = { sqs: `http://127.0.0.1:${ports.sqs}`, sns: `http://127.0.0.1:${ports.sns}` };
  return {
    gate, proxy, ports, region: kRegion, endpoints,
    start, // another proxy, that listens as is said
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

// What came back: { status, headers, text, code }; `text` is the body.
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

// A signed request. json: the input of an action of SQS, as text, in the JSON protocol. form: that of the query
// protocol, as text or as an object. sent: where that is: in the "body", in the "query", or in the query of a
// "presigned" URL. `change` breaks the request afterwards.
export function call(here, who, action, { service = "sqs", port = here.ports[service], json, form = {}, sent = "body", headers = [], change = (it) => it, ...facts }) {
  const version = { sqs: "2012-11-05", sns: "2010-03-31" }[service];
  const text = `Action=${action}&Version=${version}&${form instanceof Object ? new URLSearchParams(form) : form}`.replace(/&$/, "").replaceAll("+", "%20");
  const body = json !== undefined ? json : sent === "body" ? text : "";
  const own = json !== undefined
    ? [["X-Amz-Target", `AmazonSQS.${action}`], ["Content-Type", "application/x-amz-json-1.0"]]
    : [["Content-Type", "application/x-www-form-urlencoded"]];
  const request = {
    host: `127.0.0.1:${port}`, accessKey: who.id, secret: who.secret, region: kRegion, service, body,
    query: json === undefined && sent !== "body" ? text : "", presign: sent === "presigned", headers: [...own, ...headers], ...facts,
  };
  return send(port, change({ ...sign(request), method: facts.method, body }));
}

// A signed ListQueues in either protocol.
export function listQueues(here, who, { json = false, ...facts } = {}) {
  return call(here, who, "ListQueues", { port: here.ports.sqs, json: json ? "{}" : undefined, ...facts });
}
