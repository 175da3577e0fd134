import { strict as assert } from "node:assert";
import { test } from "node:test";
import { SafehouseError } from "#core/model/problem.ts";
import { asSafehouseError, StorageError } from "./errors.ts";

test("a person is told the place, the two numbers and what to do", () => {
  const facts = { neededBytes: 10, freeBytes: 5 };
  const cause = new StorageError("full", "10 bytes do not fit", { key: "x.tar", facts });
  const error = asSafehouseError(cause, "NAS");
  assert.ok(error instanceof SafehouseError);
  assert.equal(error.problem, "no-space");
  assert.equal(error.message, "NAS: 10 bytes do not fit");
  assert.equal(error.subject, "x.tar");
  assert.deepEqual(error.facts, facts);
  assert.match(error.advice ?? "", /Free some space/);
  assert.equal(error.cause, cause);
});

test("cancelling is told as such, and faults of the program stay what they are", () => {
  const cancelled = asSafehouseError(AbortSignal.abort().reason);
  assert.ok(cancelled instanceof SafehouseError && cancelled.problem === "cancelled");
  const fault = new TypeError("x is not a function");
  assert.equal(asSafehouseError(fault), fault);
});

test("only what may pass by itself is worth retrying", () => {
  const worth = (["busy", "unreachable"] as const).map((problem) => new StorageError(problem, ""));
  assert.ok(worth.every((error) => error.worthRetrying));
  const lasting = (["denied", "sign-in", "full", "damaged", "not-found"] as const).map(
    (problem) => new StorageError(problem, ""),
  );
  assert.ok(lasting.every((error) => !error.worthRetrying));
});
