// Asks credgate who has signed a request, and remembers its verdicts for as long as it may: doc/sigv4.md.

import { createHash } from "node:crypto";
import { NoRespondersError, TimeoutError } from "@nats-io/transport-node";
import { refusal, unavailable } from "./errors.mjs";

const kVerify = "credgate.v1.sigv4.verify";
const kEvents = "credgate.v1.events.*.*";
const kTimeout = 2000; // milliseconds
const kMostVerdicts = 10_000;

// What credgate is asked of a request, as JSON.
export function questionOf({ method, path, query, headers, body, source }, service, region) {
  const payload_sha256 = createHash("sha256").update(body).digest("hex");
  return { method, path, query, headers, payload_sha256, service, region, source };
}

export class Verifier {
  asked = 0; // how often credgate was
  #verdicts = new Map(); // question → { verdict, until }; the oldest first
  #events = 0;
  #last; // { store_id, sequence } of the newest event
  #forget;
  #deaf; // why no event is heard any more

  // forget: called with a credential's id when it was changed, and without one when any may have been.
  static async make(connection, forget = () => {}) {
    const verifier = new Verifier();
    verifier.connection = connection;
    verifier.#forget = forget;
    connection.subscribe(kEvents, { callback: (error, message) => (error === null ? verifier.#hear(message.json()) : verifier.#lose(error)) });
    verifier.#watch();
    await connection.flush(); // the server has the subscription: no change is missed from here on
    // Whoever hears of no change would go on with what was revoked.
    if (verifier.#deaf !== undefined) throw new Error(`the proxy's credential may not subscribe ${kEvents}: ${verifier.#deaf.message}`);
    return verifier;
  }

  // The verdict, or throws an AwsError.
  async verify(question) {
    const text = JSON.stringify(question);
    const known = this.#verdicts.get(text);
    if (known !== undefined && performance.now() < known.until) return known.verdict;
    const events = this.#events;
    const began = performance.now();
    const verdict = await this.#ask(text);
    if (!verdict.allow) throw refusal(verdict);
    // An answer from before a change would outlive the change's event.
    if (events === this.#events && this.#deaf === undefined) this.#keep(text, { verdict, until: began + verdict.valid_for * 1000 });
    return verdict;
  }

  async #ask(text) {
    this.asked++;
    try {
      const answer = (await this.connection.request(kVerify, text, { timeout: kTimeout })).json();
      if (answer.error === undefined) return answer;
      console.error(`credgate: ${answer.error.message}`);
    } catch (error) {
      if (!(error instanceof TimeoutError || error.cause instanceof NoRespondersError)) console.error(error.message);
    }
    throw unavailable("The request could not be verified; try again.");
  }

  #keep(text, entry) {
    this.#verdicts.set(text, entry);
    if (this.#verdicts.size > kMostVerdicts) this.#verdicts.delete(this.#verdicts.keys().next().value);
  }

  #hear({ type, store_id, sequence, id }) {
    this.#events++;
    const last = this.#last;
    if (last !== undefined && last.store_id === store_id && sequence <= last.sequence) return; // a repeat
    this.#last = { store_id, sequence };
    const follows = last !== undefined && last.store_id === store_id && sequence === last.sequence + 1;
    // Nor is it known what the first one follows, or who has a role.
    if (!follows || type.startsWith("role.")) return this.#forgetAll();
    for (const [text, { verdict }] of this.#verdicts) if (verdict.credential === id) this.#verdicts.delete(text);
    this.#forget(id);
  }

  #lose(error) {
    this.#deaf = error;
    this.#forgetAll();
  }

  #forgetAll() {
    this.#events++;
    this.#verdicts.clear();
    this.#forget();
  }

  async #watch() {
    for await (const { type } of this.connection.status()) {
      if (type === "disconnect" || type === "reconnect") this.#forgetAll();
    }
  }
}
