// sign.mjs NONCE, with a seed on standard input: prints the public key and the signature.

import fs from "node:fs";
import { fromSeed } from "@nats-io/nkeys";

const pair = fromSeed(new TextEncoder().encode(fs.readFileSync(0, "utf8")));
const signature = pair.sign(new TextEncoder().encode(process.argv[2]));
console.log(pair.getPublicKey(), Buffer.from(signature).toString("base64"));
