// JWTs of operator mode as other tools write them.

import fs from "node:fs";
import path from "node:path";
import { createAccount, createUser, fromSeed } from "@nats-io/nkeys";

const kLimits = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
const encode = (text) => new TextEncoder().encode(text);

// A JWT of now.
export function signed(claims, pair) {
  const part = (json) => Buffer.from(JSON.stringify(json)).toString("base64url");
  const text = `${part({ typ: "JWT", alg: "ed25519-nkey" })}.${part({ ...claims, iat: Math.floor(Date.now() / 1000), iss: pair.getPublicKey() })}`;
  return `${text}.${Buffer.from(pair.sign(encode(text))).toString("base64url")}`;
}

const operatorOf = (gate) => fromSeed(fs.readFileSync(path.join(gate.dir, "keys/operator.nk")).subarray(0, 58));

// The account's line in nats-server's configuration, edited and signed again.
export function editAccount(gate, id, edit) {
  gate.editServerConfig((text) =>
    text.replace(new RegExp(`${id}: (\\S+)`), (_, jwt) => {
      const claims = JSON.parse(Buffer.from(jwt.split(".")[1], "base64url"));
      edit(claims.nats);
      return `${id}: ${signed(claims, operatorOf(gate))}`;
    }),
  );
}

// A further account, without a callout, with these claims; and what a user of it logs in with.
export function addTenant(gate, name, nats) {
  const [account, user] = [createAccount(), createUser()];
  const id = account.getPublicKey();
  const jwt = signed({ sub: id, name, nats: { type: "account", version: 2, limits: kLimits, ...nats } }, operatorOf(gate));
  gate.editServerConfig((text) => text.replace("resolver_preload {", `resolver_preload {\n  ${id}: ${jwt}`));
  const userJwt = signed({ sub: user.getPublicKey(), name, nats: { type: "user", version: 2, pub: {}, sub: {}, subs: -1, data: -1, payload: -1 } }, account);
  return { id, userJwt, seed: user.getSeed() };
}
