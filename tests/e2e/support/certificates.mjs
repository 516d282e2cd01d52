// A certification authority, a server and clients of it, made anew for each run.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { temporaryDirectory } from "./lifetime.mjs";

export function certificates() {
  const dir = temporaryDirectory();
  const file = (name) => path.join(dir, name);
  const openssl = (...args) => execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
  const issue = (name, subject, ...more) => {
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
      "-keyout", file(`${name}.key`), "-out", file(`${name}.csr`), "-subj", subject);
    openssl("x509", "-req", "-in", file(`${name}.csr`), "-CA", file("ca.pem"), "-CAkey", file("ca.key"),
      "-CAcreateserial", "-days", "2", "-out", file(`${name}.pem`), ...more);
  };
  openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
    "-keyout", file("ca.key"), "-out", file("ca.pem"), "-subj", "/CN=credgate test CA");
  fs.writeFileSync(file("server.ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  issue("server", "/CN=127.0.0.1", "-extfile", file("server.ext"));
  for (const name of ["gateway", "client", "other"]) issue(name, `/CN=${name}`);
  return {
    file,
    options: (name) => ({ caFile: file("ca.pem"), certFile: file(`${name}.pem`), keyFile: file(`${name}.key`) }),
    server: (verify) =>
      `{ cert_file: "${file("server.pem")}", key_file: "${file("server.key")}", ca_file: "${file("ca.pem")}", verify: ${verify} }`,
  };
}
