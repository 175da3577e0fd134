import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { test, type TestContext } from "node:test";
import { Hono } from "hono";
import { literal, object, strictObject } from "valibot";
import { Changes } from "#api/changes.ts";
import { eventRoutes } from "#api/event-routes.ts";
import { operationRoutes } from "#api/operation-routes.ts";
import { problemResponse } from "#api/problem-document.ts";
import { carryOut } from "#client/carry-out.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { Progress } from "#core/ports.ts";
import { runAlone } from "#jobs/runs/run-alone.ts";
import { RunDesk } from "#jobs/runs/run-desk.ts";
import type { StepContext } from "#jobs/runs/step-handler.ts";
import type { HomeContext } from "#operations/home-context.ts";
import { defineRunOperation, type AnyOperation } from "#operations/operation.ts";
import { cancelRunOperation } from "#operations/runs/cancel-run.ts";
import { listRunsOperation } from "#operations/runs/list-runs.ts";
import { runInfoOperation } from "#operations/runs/run-info.ts";
import { runResultOperation } from "#operations/runs/run-result.ts";
import { ApiServer } from "#test/api-server.ts";
import { quietConsole } from "#test/quiet-console.ts";
import { LocalServices } from "../../src/app/local-services.ts";

type Work = (context: StepContext) => Promise<{ readonly answer: 42 }>;

const answered = { answer: 42 } as const;
const never = new AbortController().signal;

/** A real server whose one run does what a test wants. */
async function serverThatDoes(context: TestContext, work: Work) {
  const dataDir = mkdtempSync(`${tmpdir()}/safehouse-carry-`);
  const services = new LocalServices(quietConsole({ SAFEHOUSE_DATA: dataDir }));
  const desks = [new RunDesk()];
  const operation = defineRunOperation({
    id: "work",
    summary: "Do what the test wants",
    method: "post",
    path: "/work",
    scope: "backup",
    input: strictObject({}),
    result: object({ answer: literal(42) }),
    async run(_, { desk, place }) {
      const run = await desk.begin(async ({ begun, signal }) => {
        await using runs = await services.openRuns(place);
        const about = { kind: "verify", location: "here", backup: undefined } as const;
        return await runAlone({ ...about, work, begun, signal }, runs.tools);
      });
      return { run };
    },
  });
  const homeFor = (signal: AbortSignal): HomeContext => {
    const desk = desks.at(-1);
    assert.ok(desk !== undefined);
    return { services, place: {}, desk, signal };
  };
  const tools = {
    homeFor,
    start: (asked: AnyOperation, input: unknown) => asked.answer(input, homeFor(never)),
    requires: () => (_: unknown, next: () => Promise<void>) => next(),
    changed: () => undefined,
  };
  const app = new Hono().basePath("/api/v1/homes/home");
  app.onError((error) => problemResponse(error, () => assert.fail(String(error))));
  app.route("/", eventRoutes(tools, new Changes()));
  const runs = [cancelRunOperation, listRunsOperation, runInfoOperation, runResultOperation];
  app.route("/", operationRoutes([operation, ...runs], tools));
  const server = await ApiServer.listen(app);
  context.after(async () => {
    for (const desk of desks) await desk[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await services[Symbol.asyncDispose]();
    rmSync(dataDir, { recursive: true });
  });
  const told: Progress[] = [];
  const begin = (signal: AbortSignal = never) =>
    carryOut(
      server.client(),
      { operation, input: {} },
      { report: (progress) => told.push(progress), signal },
    );
  return { server, begin, told, forgetRuns: () => desks.push(new RunDesk()) };
}

/** Resolves when a test wants it, and rejects when the run is to end. */
function until(promise: Promise<unknown>): Work {
  return ({ signal }) =>
    new Promise((resolve, reject) => {
      void promise.then(() => resolve(answered));
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    });
}

test("a run of a server tells its progress, and what it came to", async (context) => {
  const seen = Promise.withResolvers<void>();
  const { begin, told } = await serverThatDoes(context, async (step) => {
    step.report({ step: "verify", part: "media", bytes: 7, totalBytes: 9 });
    return until(seen.promise)(step);
  });
  const outcome = begin();
  while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  seen.resolve();
  assert.deepEqual(await outcome, answered);
  assert.deepEqual(told[0], { step: "verify", part: "media", bytes: 7, totalBytes: 9 });
});

test("a run of a server fails here as it fails there", async (context) => {
  const failure = new SafehouseError("no-space", "The disk is full", {
    advice: "Make room",
    facts: { needed: 7, free: 1 },
  });
  const { begin } = await serverThatDoes(context, async () => {
    throw failure;
  });
  await assert.rejects(begin(), {
    problem: "no-space",
    message: "The disk is full",
    advice: "Make room",
    facts: { needed: 7, free: 1 },
  });
});

test("what a run did not find is no sign that the run is forgotten", async (context) => {
  const { begin } = await serverThatDoes(context, async () => {
    throw new SafehouseError("not-found", "There is no location nope", { subject: "nope" });
  });
  await assert.rejects(begin(), { problem: "not-found", subject: "nope" });
});

test("whoever ends a command ends its run on the server, and waits for that", async (context) => {
  const { begin, server } = await serverThatDoes(context, until(new Promise(() => undefined)));
  const stop = new AbortController();
  const outcome = begin(stop.signal);
  const list = async () => (await server.client().call(listRunsOperation, {}, never)).runs;
  while ((await list())[0]?.state !== "running")
    await new Promise((again) => setTimeout(again, 20));
  const reason = new SafehouseError("cancelled", "Cancelled; nothing was left behind");
  stop.abort(reason);
  await assert.rejects(outcome, (error) => error === reason);
  assert.deepEqual(
    (await list()).map(({ state }) => state),
    ["cancelled"],
  );
});

test("a line that breaks is taken up again", async (context) => {
  const done = Promise.withResolvers<void>();
  const { begin, server } = await serverThatDoes(context, until(done.promise));
  const lines: string[] = [];
  server.server.on("request", ({ url }) => {
    if (url?.endsWith("/events") === true) lines.push(url);
  });
  const outcome = begin();
  while (lines.length < 1) await new Promise((again) => setTimeout(again, 20));
  server.server.closeAllConnections();
  while (lines.length < 2) await new Promise((again) => setTimeout(again, 20));
  done.resolve();
  assert.deepEqual(await outcome, answered);
});

test("a server that has forgotten a result still tells why the run failed", async (context) => {
  const fail = Promise.withResolvers<void>();
  const { begin, server, forgetRuns } = await serverThatDoes(context, async () => {
    await fail.promise;
    throw new SafehouseError("damaged", "The archive is damaged", { advice: "Take another" });
  });
  const outcome = begin();
  while ((await server.client().call(listRunsOperation, {}, never)).total === 0)
    await new Promise((again) => setTimeout(again, 20));
  forgetRuns();
  fail.resolve();
  await assert.rejects(outcome, { problem: "damaged", message: "The archive is damaged" });
});
