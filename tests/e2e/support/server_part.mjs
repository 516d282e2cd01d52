// The gateway without auth_callout: it and somebody who plays nats-server's part share an account of a
// plain server. nats-server denies every user of the callout account to publish the request's subject.

import crypto from "node:crypto";
import { createServer, createUser } from "@nats-io/nkeys";
import { Gate } from "./gate.mjs";

export const kSubject = "$SYS.REQ.USER.AUTH";
// Of the one who plays the server's part.
export const kPlayer = { user: "attacker", pass: "attacker" };

// Not started.
export async function makeServerPart(t, options = {}) {
  const gate = await Gate.make(t, { start: false, ...options });
  const [gatewayKey, systemKey] = [...gate.serverText().matchAll(/nkey: (U\w{55})/g)].map((match) => match[1]);
  gate.editServerConfig(
    () => `listen: "127.0.0.1:${gate.port}"
accounts {
  AUTH { users: [ { nkey: ${gatewayKey} }, { user: ${kPlayer.user}, password: ${kPlayer.pass} } ] }
  SYS { users: [ { nkey: ${systemKey} } ] }
}
system_account: SYS
`,
  );
  return gate;
}

// A server's key whose signatures cost no JavaScript.
export class ServerKey {
  #private;
  constructor() {
    const pair = createServer();
    this.publicKey = pair.getPublicKey();
    const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), pair.getRawSeed()]);
    this.#private = crypto.createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  }
  // The request of a client at `host` that sent these options. ahead: of this machine's clock, in seconds.
  request(issuer, host, connect, timeout, ahead = 0) {
    const now = Math.floor(Date.now() / 1000) + ahead;
    const base64url = (json) => Buffer.from(JSON.stringify(json)).toString("base64url");
    const claims = {
      aud: "nats-authorization-request",
      exp: now + timeout,
      iat: now,
      iss: this.publicKey,
      sub: issuer,
      nats: {
        server_id: { name: "played", host: "127.0.0.1", id: this.publicKey, version: "2.12.0" },
        user_nkey: createUser().getPublicKey(),
        client_info: { host, id: 7, kind: "Client", type: "nats" },
        connect_opts: { ...connect, protocol: 1 },
        type: "authorization_request",
        version: 2,
      },
    };
    const signed = `${base64url({ typ: "JWT", alg: "ed25519-nkey" })}.${base64url(claims)}`;
    return `${signed}.${crypto.sign(null, Buffer.from(signed), this.#private).toString("base64url")}`;
  }
}
