// AWS Signature Version 4 as a client makes it, for requests that no SDK would send.
// Source: AWS, IAM User Guide, "Create a signed AWS API request".

import { createHash, createHmac } from "node:crypto";

const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const hmac = (key, text) => createHmac("sha256", key).update(text).digest();

export function sigv4Key({ secret, day, region, service }) {
  return [region, service, "aws4_request"].reduce(hmac, hmac(`AWS4${secret}`, day));
}

// 20261124T120000Z
export function amzDate(date) {
  return date.toISOString().replace(/[-:]|\.\d+/g, "");
}

// Gives what goes over the wire: { path, query, headers: [[name, value], …] }. `headers` are signed, all of
// them, after Host and X-Amz-Date; `path` is normalised and `query` in order as they are given. presign:
// in the query, good for `expires` seconds; null says nothing of that, as Go's SDK for services other than S3.
export function sign({
  method = "POST", path = "/", query = "", host, headers = [], body = "", service = "sqs", region = "eu",
  accessKey, secret, date = new Date(), presign = false, expires = 60,
}) {
  const at = amzDate(date);
  const scope = `${at.slice(0, 8)}/${region}/${service}/aws4_request`;
  const signed = [["Host", host], ...(presign ? [] : [["X-Amz-Date", at]]), ...headers];
  const lines = signed.map(([name, value]) => [name.toLowerCase(), value.trim().replace(/ +/g, " ")]).sort();
  const names = lines.map(([name]) => name).join(";");
  if (presign) {
    query = [
      query, "X-Amz-Algorithm=AWS4-HMAC-SHA256",
      `X-Amz-Credential=${encodeURIComponent(`${accessKey}/${scope}`)}`,
      `X-Amz-Date=${at}`, expires === null ? "" : `X-Amz-Expires=${expires}`, `X-Amz-SignedHeaders=${encodeURIComponent(names)}`,
    ].filter((part) => part !== "").join("&");
  }
  const canonicalQuery = query.split("&").filter((part) => part !== "").map((part) => (part.includes("=") ? part : `${part}=`)).sort().join("&");
  const canonical = [method, path, canonicalQuery, ...lines.map((line) => line.join(":")), "", names, sha256(body)].join("\n");
  const text = ["AWS4-HMAC-SHA256", at, scope, sha256(canonical)].join("\n");
  const signature = hmac(sigv4Key({ secret, day: at.slice(0, 8), region, service }), text).toString("hex");
  if (presign) return { path, query: `${query}&X-Amz-Signature=${signature}`, headers: signed };
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { path, query, headers: [...signed, ["Authorization", authorization]] };
}

// What a proxy asks the gateway.
export function question({ method = "POST", body = "", service = "sqs", region = "eu", source = "127.0.0.1" }, { path, query, headers }) {
  return { method, path, query, headers, payload_sha256: sha256(body), service, region, source };
}

// ... and the password of a connection that it opens with it.
export function password(asked) {
  return `AWS4-HMAC-SHA256 ${Buffer.from(JSON.stringify(asked)).toString("base64url")}`;
}
