// NATS connections as the callers: what they send and receive goes over these, so that nats-server itself
// keeps them within their permissions. One for each credential, opened with the request at hand.

import { connect, PermissionViolationError, usernamePasswordAuthenticator } from "@nats-io/transport-node";
import { accessDenied, unavailable } from "./errors.mjs";

// Of the headers only those that are signed: nats-server takes 4,096 bytes of CONNECT.
function password(question) {
  const headers = question.headers.filter(([name]) => /^(authorization|x-amz-.*)$/i.test(name) || isSigned(question, name));
  return `AWS4-HMAC-SHA256 ${Buffer.from(JSON.stringify({ ...question, headers })).toString("base64url")}`;
}

function isSigned({ headers }, name) {
  const [, authorization] = headers.find(([one]) => /^authorization$/i.test(one)) ?? ["", ""];
  const signed = /SignedHeaders=([^,\s]*)/.exec(authorization)?.[1] ?? "";
  return signed.split(";").includes(name.toLowerCase());
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

  // Requests that come while it is being opened share it.
  async #connectionOf(verdict, question) {
    const { credential: id } = verdict;
    if (!verdict.connect) throw accessDenied("This needs a credential that was made with --sigv4-connect.");
    const opening = this.#open.get(id) ?? this.#keep(id, this.#connect(verdict, question));
    try {
      return await opening;
    } catch {
      if (this.#open.get(id) === opening) this.#open.delete(id);
      throw accessDenied("No connection could be opened with this request.");
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

  #connect({ credential, inbox_prefix: inboxPrefix }, question) {
    return connect({
      servers: this.#url, reconnect: false, inboxPrefix, name: "sqs-sns-proxy",
      authenticator: usernamePasswordAuthenticator(credential, password(question)),
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
