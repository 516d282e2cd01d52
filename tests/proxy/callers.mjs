// NATS connections as the callers: what they send and receive goes over these, so that nats-server itself
// keeps them within their permissions. One for each credential, opened with the request at hand.

import { connect, PermissionViolationError, usernamePasswordAuthenticator } from "@nats-io/transport-node";
import { accessDenied, AwsError, unavailable } from "./errors.mjs";

// nats-server takes 4,096 bytes of CONNECT, and what is not the password needs some of them.
const kMostPassword = 3800;

// Of the headers only those that are signed.
function password(question) {
  const headers = question.headers.filter(([name]) => /^(authorization|x-amz-.*)$/i.test(name) || isSigned(question, name));
  return `AWS4-HMAC-SHA256 ${Buffer.from(JSON.stringify({ ...question, headers })).toString("base64url")}`;
}

function isSigned({ headers }, name) {
  const [, authorization] = headers.find(([one]) => /^authorization$/i.test(one)) ?? ["", ""];
  const signed = /SignedHeaders=([^,\s]*)/.exec(authorization)?.[1] ?? "";
  return signed.split(";").includes(name.toLowerCase());
}

// ... of a request that can open a connection. Others are served while one is open.
function firstPassword(question) {
  if (!question.headers.some(([name]) => /^authorization$/i.test(name))) {
    throw new AwsError(400, "UnsupportedOperation", "A presigned URL opens no connection: first send a request that is signed in its header.");
  }
  const text = password(question);
  if (text.length > kMostPassword) {
    throw new AwsError(400, "RequestHeaderSectionTooLarge", "The signed headers are too large to open a connection: first send a request with smaller ones.");
  }
  return text;
}

export class Callers {
  #url;
  #open = new Map(); // credential's id → promise of a connection

  constructor(url) {
    this.#url = url;
  }

  // What `act` gives, which is called with the caller's connection.
  async use(verdict, question, act) {
    const connection = await this.#connectionOf(verdict, question);
    try {
      return await act(connection);
    } catch (error) {
      if ((error.cause ?? error) instanceof PermissionViolationError) throw accessDenied("The credential does not cover this.");
      // The credential was changed, or its time is over: with the next request the caller has another.
      if (connection.isClosed()) throw unavailable("The caller's connection was closed; try again.");
      throw error;
    }
  }

  // Requests that come while it is being opened share it. A refusal is final for an SDK, and only a 503 makes it
  // try again. What credgate refuses of a request that it has just verified may well pass with the next one: the
  // signature was used, or the gateway has only begun.
  async #connectionOf(verdict, question) {
    const { credential: id } = verdict;
    if (!verdict.connect) throw accessDenied("This needs a credential that was made with --sigv4-connect.");
    const opening = this.#open.get(id) ?? this.#keep(id, this.#connect(verdict, firstPassword(question)));
    try {
      return await opening;
    } catch (error) {
      if (this.#open.get(id) === opening) this.#open.delete(id);
      console.error(`no connection as ${id}: ${error.message}`);
      throw unavailable("The caller's connection could not be opened yet; try again. The log of credgate says why.");
    }
  }

  // What was opened before a change has the permissions of before.
  forget(id) {
    for (const [one, opening] of this.#open) {
      if (id !== undefined && one !== id) continue;
      this.#open.delete(one);
      opening.then((connection) => connection.close()).catch(() => {});
    }
  }

  #connect({ credential, inbox_prefix: inboxPrefix }, password) {
    return connect({
      servers: this.#url, reconnect: false, inboxPrefix, name: "sqs-sns-proxy",
      authenticator: usernamePasswordAuthenticator(credential, password),
    });
  }

  #keep(id, opening) {
    this.#open.set(id, opening);
    // It ends after a quarter of an hour at the latest.
    const drop = () => this.#open.get(id) === opening && this.#open.delete(id);
    opening.then((connection) => connection.closed().then(drop)).catch(drop);
    return opening;
  }
}
