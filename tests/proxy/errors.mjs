// What AWS clients are told when something is refused, in the shape and with the status that they expect.
// Source: AWS, "Common errors" of SQS and SNS; doc/sigv4.md.

import { randomUUID } from "node:crypto";
import { xml } from "./query.mjs";

export class AwsError extends Error {
  // code: of the query protocol. type: of the JSON protocol, where it is another.
  constructor(status, code, message, type = code) {
    super(message);
    Object.assign(this, { status, code, type });
  }
}

export const accessDenied = (message) => new AwsError(403, "AccessDenied", message);
export const unavailable = (message) => new AwsError(503, "ServiceUnavailable", message);

// The reasons of credgate. Any other is AccessDenied.
export const kReasons = {
  no_proof: [403, "MissingAuthenticationToken"],
  malformed: [400, "IncompleteSignature"],
  unknown_algorithm: [400, "IncompleteSignature"],
  unsigned_header: [400, "IncompleteSignature"],
  absent_header: [400, "IncompleteSignature"],
  unknown_credential: [403, "InvalidClientTokenId"],
  revoked: [403, "InvalidClientTokenId"],
  suspended: [403, "InvalidClientTokenId"],
  expired: [403, "InvalidClientTokenId"],
  not_yet_valid: [403, "InvalidClientTokenId"],
  wrong_region: [403, "InvalidClientTokenId"],
  not_for_sigv4: [403, "InvalidClientTokenId"],
  bad_proof: [403, "SignatureDoesNotMatch"],
  wrong_scope: [403, "SignatureDoesNotMatch"],
  wrong_payload: [403, "SignatureDoesNotMatch"],
  skewed: [400, "RequestExpired"],
  url_expired: [400, "RequestExpired"],
  overloaded: [503, "ServiceUnavailable"],
  internal: [503, "ServiceUnavailable"],
};

export function refusal({ reason, canonical_request, string_to_sign }) {
  const [status, code] = Object.hasOwn(kReasons, reason) ? kReasons[reason] : [403, "AccessDenied"];
  if (reason !== "bad_proof") return new AwsError(status, code, `The request was refused: ${reason}.`);
  return new AwsError(
    status,
    code,
    "The request signature we calculated does not match the signature you provided. Check your secret access key and " +
      `signing method.\n\nThe Canonical String for this request should have been\n'${canonical_request}'\n\n` +
      `The String-to-Sign should have been\n'${string_to_sign}'\n`,
  );
}

// Where it is of use to try again: in that many seconds.
const kRetryAfter = 2;

// { status, headers, body }
export function writeError(error, protocol) {
  const aws = error instanceof AwsError ? error : new AwsError(500, "InternalFailure", "The proxy has failed.");
  const fault = aws.status < 500 ? "Sender" : "Receiver";
  const more = { 503: { "Retry-After": String(kRetryAfter) }, 405: { Allow: "GET, POST" } }[aws.status];
  if (protocol.json) {
    return {
      status: aws.status,
      headers: { ...more, "Content-Type": "application/x-amz-json-1.0", "x-amzn-query-error": `${aws.code};${fault}` },
      body: JSON.stringify({ __type: `com.amazonaws.sqs#${aws.type}`, message: aws.message }),
    };
  }
  return {
    status: aws.status,
    headers: { ...more, "Content-Type": "text/xml" },
    body: xml({
      ErrorResponse: {
        $xmlns: protocol.namespace,
        Error: { Type: fault, Code: aws.code, Message: aws.message },
        RequestId: randomUUID(),
      },
    }),
  };
}
