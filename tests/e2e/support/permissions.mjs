// What nats-server refuses on a connection.

import assert from "node:assert/strict";

// What the server refuses on this connection is kept in the array that is returned.
export function violations(connection) {
  const errors = [];
  (async () => {
    for await (const status of connection.status()) {
      if (status.type === "error") errors.push(status.error.message);
    }
  })();
  return errors;
}

// The server's permission errors that `act` meets with; they come before the answer to a flush.
export async function refusals(connection, act) {
  const errors = violations(connection);
  await act();
  await connection.flush();
  await new Promise((resolve) => setImmediate(resolve));
  return errors;
}

export async function assertMayPublish(connection, subject) {
  assert.deepEqual(await refusals(connection, () => connection.publish(subject)), []);
}

export async function assertMayNotPublish(connection, subject) {
  const errors = await refusals(connection, () => connection.publish(subject));
  assert.equal(errors.length, 1, `publishing to ${subject} was not refused`);
  assert.match(errors[0], /Permissions Violation for Publish/i);
}

export async function assertMayNotSubscribe(connection, subject) {
  const errors = await refusals(connection, () => connection.subscribe(subject, { callback() {} }));
  assert.equal(errors.length, 1, `subscribing to ${subject} was not refused`);
  assert.match(errors[0], /Permissions Violation for Subscription/i);
}
