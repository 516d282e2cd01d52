// The login of the nats command line, which Debian does not have: `nats OPTIONS rtt`. What it sends is
// composed as in loadContext() of natscli, NATSOptions() of natscontext and connectProto() of nats.go.
// Prints what the server says, and fails unless that is PONG.

import fs from "node:fs";
import net from "node:net";
import tls from "node:tls";
import { fromSeed } from "@nats-io/nkeys";

const kOptions = ["server", "user", "password", "creds", "nkey", "tlscert", "tlskey", "tlsca", "inbox-prefix"];
const kVariables = { server: "NATS_URL", user: "NATS_USER", password: "NATS_PASSWORD", creds: "NATS_CREDS", nkey: "NATS_NKEY", tlscert: "NATS_CERT", tlskey: "NATS_KEY", tlsca: "NATS_CA" };

function parse(words) {
  const given = Object.fromEntries(Object.entries(kVariables).map(([option, variable]) => [option, process.env[variable] ?? ""]));
  const rest = [];
  for (let i = 0; i < words.length; i++) {
    const option = /^--([\w-]+)(?:=([^]*))?$/.exec(words[i]);
    if (option === null) {
      rest.push(words[i]);
      continue;
    }
    const [, name, value] = option;
    if (!kOptions.includes(name)) throw new Error(`unknown long flag '--${name}'`);
    // fisk takes a word that begins with a dash for the next option.
    if (value === undefined && (words[i + 1] ?? "-").startsWith("-")) throw new Error(`expected argument for flag '--${name}'`);
    given[name] = value ?? words[++i];
  }
  if (rest.length !== 1 || rest[0] !== "rtt") throw new Error(`not a command: ${rest.join(" ")}`);
  return given;
}

// The lines that are framed by dashes; a seed may stand in a file of its own.
function decorated(file) {
  const text = fs.readFileSync(file, "utf8");
  const items = [...text.matchAll(/-{3,}.*-{3,}\r?\n([\w\-.=]+)\r?\n-{3,}.*-{3,}\r?\n/g)].map((item) => item[1]);
  return { jwt: items[0] ?? text, seed: items[1] ?? text.split("\n").find((line) => /^S[OAU]/.test(line)) };
}

function login(given, nonce) {
  const sign = (file) => {
    const pair = fromSeed(new TextEncoder().encode(decorated(file).seed));
    return { pair, sig: Buffer.from(pair.sign(new TextEncoder().encode(nonce))).toString("base64url") };
  };
  const token = given.user !== "" && given.password === "" ? { auth_token: given.user } : {};
  if (given.user !== "" && given.password !== "") return { user: given.user, pass: given.password };
  if (given.creds !== "") return { ...token, jwt: decorated(given.creds).jwt, sig: sign(given.creds).sig };
  if (given.nkey === "") return token;
  const { pair, sig } = sign(given.nkey);
  return { ...token, nkey: pair.getPublicKey(), sig };
}

function secured(given, socket, host) {
  const file = (name) => (given[name] === "" ? undefined : fs.readFileSync(given[name]));
  const made = tls.connect({ socket, host, ca: file("tlsca"), cert: file("tlscert"), key: file("tlskey") });
  return new Promise((resolve, reject) => made.once("secureConnect", () => resolve(made)).once("error", reject));
}

const given = parse(process.argv.slice(2));
const url = new URL(given.server.replace(/^\w+:/, "http:"));
const host = url.hostname.replace(/^\[|\]$/g, "");
let socket = net.connect({ host, port: Number(url.port) });
const info = await new Promise((resolve, reject) => {
  let text = "";
  const read = (data) => {
    text += data;
    if (!text.includes("\r\n")) return;
    socket.off("data", read);
    resolve(JSON.parse(text.slice("INFO ".length, text.indexOf("\r\n"))));
  };
  socket.on("data", read).once("error", reject);
});
// checkForSecure() of nats.go.
const wanted = given.server.startsWith("tls:") || given.tlsca !== "" || given.tlscert !== "";
if (wanted && info.tls_required !== true && info.tls_available !== true) throw new Error("nats: secure connection not available");
if (wanted || info.tls_required === true) socket = await secured(given, socket, host);
let said = "";
socket.on("data", (data) => (said += data)).on("error", () => {});
socket.write(`CONNECT ${JSON.stringify({ verbose: false, pedantic: false, lang: "go", version: "0", protocol: 1, ...login(given, info.nonce) })}\r\nPING\r\n`);
await new Promise((resolve) => {
  socket.on("data", () => /PONG|-ERR/.test(said) && resolve()).once("close", resolve);
});
socket.destroy();
console.log(said.trim());
process.exit(/PONG/.test(said) && !/-ERR/.test(said) ? 0 : 1);
