// One HTTP server for each of SQS and SNS: takes a request as it came, has it verified, and answers in the
// protocol that it came in. Nothing of it is decoded before it is verified.

import { randomUUID } from "node:crypto";
import http from "node:http";
import { accessDenied, AwsError, unavailable, writeError } from "./errors.mjs";
import { mayDo } from "./actions.mjs";
import { questionOf } from "./verify.mjs";
import { fromForm, readInput, repeatedKey } from "./parameters.mjs";
import { readForm, treeOf, xml } from "./query.mjs";
import * as sns from "./sns.mjs";
import * as sqs from "./sqs.mjs";
import { kAccount } from "./tenants.mjs";

const kServices = { sqs, sns };
const kMostBody = 1024 * 1024;

async function readBody(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > kMostBody) throw new AwsError(413, "RequestEntityTooLarge", "The body is larger than 1 MiB.");
    parts.push(part);
  }
  return Buffer.concat(parts);
}

// node gives the bytes of headers as Latin-1; clients sign them as UTF-8.
function pairs(raw) {
  const text = (latin1) => Buffer.from(latin1, "latin1").toString();
  return Array.from({ length: raw.length / 2 }, (_, i) => [text(raw[2 * i]), text(raw[2 * i + 1])]);
}

// What a presigned URL has besides the parameters of the operation.
const kSignature = ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature", "Security-Token"].map((name) => `X-Amz-${name}`);

const utf8 = (body) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);

// { action, inputOf }, of a request that was verified. inputOf(parameters) gives the input in the shape of the
// JSON protocol, which is not checked yet.
function readCall({ kFaults, kVersion }, protocol, { query, body, target }) {
  const form = readForm(query, kFaults);
  for (const name of kSignature) form.delete(name);
  if (protocol.json) {
    for (const name of form.keys()) throw kFaults.unsupported(name.slice(0, 100));
    const input = JSON.parse(utf8(body) || "{}");
    const twice = repeatedKey(utf8(body));
    if (twice !== undefined) throw kFaults.invalid(twice.slice(0, 100), "must be there once");
    if (input === null || typeof input !== "object" || Array.isArray(input)) throw new SyntaxError("not an object");
    return { action: target.slice(sqs.kTarget.length), inputOf: () => input };
  }
  readForm(utf8(body), kFaults, form);
  const [action = "", version = kVersion] = ["Action", "Version"].map((name) => form.get(name));
  if (version !== kVersion) throw new AwsError(400, "NoSuchVersion", `Version must be ${kVersion}.`);
  for (const name of ["Action", "Version"]) form.delete(name);
  const tree = treeOf(form, kFaults);
  return { action, inputOf: (parameters) => fromForm(parameters, tree, kFaults) };
}

// `addressed` is the queue whose URL the request was sent to. Who sends it there may leave out QueueUrl.
function inputOf({ kFaults }, call, { parameters }, addressed, path) {
  const input = call.inputOf(parameters);
  if (addressed === undefined) return readInput(parameters, input, kFaults);
  if (!Object.hasOwn(parameters, "QueueUrl")) throw kFaults.invalid("The path", `must be / for ${call.action}`);
  if (!Object.hasOwn(input, "QueueUrl")) input.QueueUrl = path;
  const read = readInput(parameters, input, kFaults);
  if (read.QueueUrl !== addressed) throw kFaults.invalid("QueueUrl", "must be of the queue that the path names");
  return read;
}

function writeResult(service, protocol, action, result) {
  if (protocol.json) return { status: 200, headers: { "Content-Type": "application/x-amz-json-1.0" }, body: JSON.stringify(result) };
  const body = xml({
    [`${action}Response`]: {
      $xmlns: protocol.namespace,
      [`${action}Result`]: kServices[service].toElements(action, result),
      ResponseMetadata: { RequestId: randomUUID() },
    },
  });
  return { status: 200, headers: { "Content-Type": "text/xml" }, body };
}

export class Frontend {
  #service;
  #options;

  // options: { region, verifier, callers, tenants: Map of account → Tenant, listener: { public_url,
  // trust_forwarded_proto } }
  constructor(service, options) {
    this.#service = service;
    this.#options = options;
    this.server = http.createServer(
      { maxHeaderSize: 32 * 1024, headersTimeout: 10_000, requestTimeout: 30_000 },
      (request, response) => this.#answer(request, response),
    );
  }

  async #answer(request, response) {
    const target = request.headers["x-amz-target"] ?? "";
    const protocol = { json: this.#service === "sqs" && target.startsWith(sqs.kTarget), namespace: kServices[this.#service].kNamespace };
    const { status, headers, body } = await this.#act(request, protocol, target).catch((error) => {
      if (!(error instanceof AwsError)) console.error(error);
      return writeError(error, protocol);
    });
    if (status === 413) headers.Connection = "close"; // the rest of the body is not read
    response.writeHead(status, { ...headers, "x-amzn-RequestId": randomUUID() }).end(body);
  }

  async #act(request, protocol, target) {
    const { region, verifier, callers, tenants } = this.#options;
    const service = kServices[this.#service];
    if (!["GET", "POST"].includes(request.method)) throw new AwsError(405, "MethodNotAllowed", "The method must be GET or POST.");
    const body = await readBody(request);
    const [path, query = ""] = request.url.split(/\?(.*)/s);
    const seen = { method: request.method, path, query, headers: pairs(request.rawHeaders), body, source: request.socket.remoteAddress.split("%")[0] }; // without a zone
    const question = questionOf(seen, this.#service, region);
    const verdict = await verifier.verify(question);

    const addressed = service.readPath(path);
    const call = this.#call(service, protocol, { query, body, target });
    const { action } = call;
    if (!mayDo(this.#service, action, verdict.capabilities)) throw accessDenied(`The credential may not call ${action.slice(0, 100)}.`);
    if (!Object.hasOwn(service.kOperations, action)) throw new AwsError(400, "InvalidAction", `${action} is not supported.`);
    const tenant = tenants.get(verdict.account);
    if (tenant === undefined) throw unavailable(`The account ${verdict.account} is not served here.`);
    const base = this.#base(request);
    const context = {
      region, tenant, verdict,
      asCaller: (act) => callers.use(verdict, question, act),
      url: (queue) => `${base}/${kAccount}/${queue}`,
    };
    const operation = service.kOperations[action];
    const input = inputOf(service, call, operation, addressed, path);
    return writeResult(this.#service, protocol, action, await operation.run(context, input));
  }

  // Where clients reach this, for URLs that they are given. Anybody can send X-Forwarded-Proto; only a front end
  // that sets it always makes it true.
  #base({ headers }) {
    const { public_url: publicUrl, trust_forwarded_proto: trusted = false } = this.#options.listener;
    if (publicUrl !== undefined) return publicUrl.replace(/\/+$/, "");
    return `${trusted && headers["x-forwarded-proto"] === "https" ? "https" : "http"}://${headers.host}`;
  }

  #call(service, protocol, parts) {
    try {
      return readCall(service, protocol, parts);
    } catch (error) {
      if (error instanceof AwsError) throw error;
      throw new AwsError(400, "SerializationException", "The body or the query is not what the protocol has.");
    }
  }
}
