import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { SafehouseError, type Problem } from "#core/model/problem.ts";
import { HttpProblem } from "./http-problem.ts";
import { problemAnswers, problemResponse } from "./problem-document.ts";

async function told(error: unknown) {
  const response = problemResponse(error, assert.fail);
  assert.equal(response.headers.get("Content-Type"), "application/problem+json");
  assert.equal(response.headers.get("Cache-Control"), "no-store");
  return { response, document: (await response.json()) as Record<string, unknown> };
}

test("a failure is told with its problem and advice", async () => {
  const { response, document } = await told(
    new SafehouseError("no-space", "There is no room at /mnt/nas", {
      subject: "/mnt/nas",
      advice: "Remove an old backup",
      facts: { needed: 2, free: 1 },
      cause: new Error("secret"),
    }),
  );
  assert.equal(response.status, 507);
  assert.deepEqual(document, {
    type: "urn:safehouse:problem:no-space",
    title: "There is not enough space",
    status: 507,
    detail: "There is no room at /mnt/nas",
    problem: "no-space",
    subject: "/mnt/nas",
    advice: "Remove an old backup",
    facts: { needed: 2, free: 1 },
  });
});

test("every problem has the status of a failure, and none that of a fault", async () => {
  for (const problem of Object.keys(problemAnswers) as Problem[]) {
    const { response, document } = await told(new SafehouseError(problem, "It failed"));
    assert.ok(response.status >= 400 && response.status !== 500, problem);
    assert.equal(document["status"], response.status);
    assert.equal("advice" in document, false);
  }
});

test("a fault tells only a reference, under which the log has all of it", async () => {
  const reported: unknown[] = [];
  const fault = new TypeError("the password is hunter2");
  const response = problemResponse(fault, (...told) => void reported.push(...told));
  const text = await response.text();
  assert.equal(response.status, 500);
  assert.doesNotMatch(text, /hunter2|TypeError/);
  const { reference } = JSON.parse(text) as { reference: string };
  assert.deepEqual(reported, [reference, fault]);
});

test("who is to come again later is told when", async () => {
  const later = new SafehouseError("busy", "Too many", { facts: { retryAfterSeconds: 1.2 } });
  const { response } = await told(later);
  assert.equal(response.status, 429);
  assert.equal(response.headers.get("Retry-After"), "2");
  assert.equal((await told(new SafehouseError("busy", "At work"))).response.status, 409);
});

test("the protocol may decide the status", async () => {
  const answer = { status: 401, headers: { "WWW-Authenticate": "Bearer" } };
  const { response } = await told(
    new HttpProblem(answer, { problem: "denied", message: "You are not signed in" }),
  );
  assert.equal(response.status, 401);
  assert.equal(response.headers.get("WWW-Authenticate"), "Bearer");
});

test("what Hono refuses is a problem document too, and what fails in it is a fault", async () => {
  const faults: unknown[] = [];
  const broken = new HTTPException(500, { message: "hunter2" });
  const app = new Hono();
  app.onError((error) => problemResponse(error, (_, fault) => void faults.push(fault)));
  app.use(bodyLimit({ maxSize: 10, onError: () => Promise.reject(new HTTPException(413)) }));
  app.get("/", () => Promise.reject(broken));
  app.post("/", async (context) => context.json(await context.req.json()));
  const large = await app.request("/", { method: "POST", body: "x".repeat(11) });
  assert.equal(large.status, 413);
  assert.equal(large.headers.get("Content-Type"), "application/problem+json");
  assert.deepEqual(faults, []);
  const response = await app.request("/");
  assert.equal(response.status, 500);
  assert.doesNotMatch(await response.text(), /hunter2/);
  assert.deepEqual(faults, [broken]);
});
