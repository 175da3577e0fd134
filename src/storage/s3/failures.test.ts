import { strict as assert } from "node:assert";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import type { TestContext } from "node:test";
import { freePort } from "#test/places/free-port.ts";
import { HttpLine, type Decide, type Fate } from "#test/places/http-line.ts";
import { s3Storage, startVersity, type S3Bucket } from "#test/places/s3-server.ts";
import { opensslIsAbsent, selfSigned } from "#test/self-signed.ts";
import { shiftClock } from "#test/shifted-clock.ts";
import { findKind } from "../catalog.ts";
import { content, listed, rejectsWith } from "../contract/objects.ts";
import type { DiagnosisStep } from "../diagnosis.ts";
import { StorageError, type StorageProblem } from "../errors.ts";
import type { StorageProvider } from "../provider.ts";
import { translating } from "./errors.ts";

const { signal } = new AbortController();
const { server, absent } = await startVersity();
after(() => server?.end());
const skip = absent;
const hour = 3_600_000;

type Change = Readonly<Record<string, string | number | boolean>>;

async function makeBucket(): Promise<S3Bucket> {
  assert.ok(server !== undefined);
  return server.makeBucket();
}

/** Every call must fail with the problem, and with a text that fits and holds no secret. */
async function failsEverywhere(
  storage: StorageProvider,
  problem: StorageProblem,
  text: RegExp,
): Promise<void> {
  const calls = [
    () => storage.stat("a.tar", signal),
    () => storage.read("a.tar", undefined, signal),
    () => storage.write("a.tar", content("x"), signal),
    () => storage.openWrite("a.tar", {}, signal),
    () => storage.remove("a.tar", signal),
    () => Array.fromAsync(storage.list("", signal)),
    () => storage.matches?.("a.tar", content("x").open, signal),
  ];
  for (const call of calls) {
    await assert.rejects(Promise.resolve(call()), (error: unknown) => {
      assert.ok(error instanceof StorageError, String(error));
      assert.equal(error.problem, problem, error.message);
      assert.match(error.message, text);
      assert.doesNotMatch(error.message, /wrong secret|pä ß/);
      return true;
    });
  }
}

async function diagnosis(settings: S3Bucket & Change): Promise<readonly DiagnosisStep[]> {
  const steps = await Array.fromAsync(findKind("s3").diagnose?.(settings, signal) ?? []);
  for (const step of steps) {
    assert.doesNotMatch(`${step.message} ${step.advice ?? ""}`, /wrong secret|pä ß|\.$/);
    if (!step.ok) assert.notEqual(step.advice, undefined);
  }
  return steps;
}

/** What a diagnosis passes, and where it ends. */
function course(steps: readonly DiagnosisStep[]): string {
  return steps.map(({ subject, ok }) => (ok ? subject : `${subject}!`)).join(" ");
}

interface Cause {
  readonly cause: string;
  readonly change: (bucket: S3Bucket) => Change | Promise<Change>;
  readonly problem: StorageProblem;
  readonly text: RegExp;
  readonly course: string;
}

const causes: readonly Cause[] = [
  {
    cause: "a wrong secret key",
    change: () => ({ secretAccessKey: "wrong secret" }),
    problem: "sign-in",
    text: /the secret key is wrong/,
    course: "name port sign-in!",
  },
  {
    cause: "an access key that nobody knows",
    change: () => ({ accessKeyId: "NOBODY" }),
    problem: "sign-in",
    text: /the access key is not known/,
    course: "name port sign-in!",
  },
  {
    cause: "a bucket that is not there",
    change: () => ({ bucket: "not-there" }),
    problem: "unreachable",
    text: /there is no such bucket/,
    course: "name port sign-in path!",
  },
  {
    cause: "another region than the bucket's",
    change: () => ({ region: "eu-west-9" }),
    problem: "sign-in",
    text: /it lies in the region us-east-1, and eu-west-9 was asked/,
    course: "name port sign-in!",
  },
  {
    cause: "a port that nothing answers at",
    change: async () => ({ endpoint: `http://127.0.0.1:${await freePort()}` }),
    problem: "unreachable",
    text: /nothing answers at that port/,
    course: "name port!",
  },
  {
    cause: "a name without address",
    change: () => ({ endpoint: "http://nowhere.invalid" }),
    problem: "unreachable",
    text: /no address is known/,
    course: "name!",
  },
  {
    cause: "https where http is spoken",
    change: ({ endpoint }) => ({ endpoint: endpoint.replace("http:", "https:") }),
    problem: "unreachable",
    text: /does not speak TLS/,
    course: "name port host-key!",
  },
];

for (const { cause, change, problem, text, course: expected } of causes) {
  test(`${cause} is told for what it is, also by a diagnosis`, { skip }, async () => {
    const bucket = await makeBucket();
    const settings = { ...bucket, ...(await change(bucket)) };
    await failsEverywhere(s3Storage(settings), problem, text);
    assert.equal(course(await diagnosis(settings)), expected);
  });
}

test("a place that is well passes its diagnosis and keeps nothing of it", { skip }, async () => {
  const bucket = await makeBucket();
  const storage = s3Storage(bucket);
  const steps = await diagnosis(bucket);
  assert.equal(course(steps), "name port sign-in path permission");
  assert.deepEqual(await listed({ storage, signal }, ""), []);
});

test("the region is found out where none is set", { skip }, async (context) => {
  const { server: elsewhere } = await startVersity({ region: "eu-home-7" });
  assert.ok(elsewhere !== undefined);
  context.after(() => elsewhere.end());
  const bucket = await elsewhere.makeBucket({ region: "eu-home-7" });
  for (const begin of ["stat", "list", "write"] as const) {
    const storage = s3Storage(bucket);
    if (begin === "stat") await rejectsWith(storage.stat("missing", signal), "not-found");
    if (begin === "list") assert.deepEqual(await listed({ storage, signal }, ""), []);
    if (begin === "write") await storage.write("x.tar", content("x"), signal);
    await storage.remove("x.tar", signal);
  }
  const steps = await diagnosis(bucket);
  assert.match(steps.map(({ message }) => message).join(), /in the region eu-home-7/);
});

test(
  "a clock that is wrong by hours is put up with, and a diagnosis tells",
  { skip },
  async (context) => {
    const bucket = await makeBucket();
    shiftClock(context, 5 * hour);
    const storage = s3Storage(bucket);
    await storage.write("x.tar", content("x"), signal);
    const steps = await diagnosis(bucket);
    const signIn = steps.find(({ subject }) => subject === "sign-in");
    assert.match(signIn?.message ?? "", /300 minutes ahead of the server's/);
  },
);

test("where a clock cannot be put up with, both times are told", async () => {
  const error = Object.assign(new Error("The difference is too large"), {
    name: "RequestTimeTooSkewed",
    $metadata: { httpStatusCode: 403 },
    ServerTime: "2026-11-23T01:00:00Z",
    RequestTime: "20261123T060000Z",
  });
  const subject = { bucket: "home", server: "nas", region: "us-east-1" };
  const work = translating(subject, signal, () => Promise.reject(error));
  await rejectsWith(work, "sign-in");
  await assert.rejects(work, /it is 2026-11-23T01:00:00Z there, and 20261123T060000Z here/);
});

test(
  "a certificate that nobody knows is told, and accepted once it is set",
  { skip: skip || opensslIsAbsent },
  async (context) => {
    const certificate = selfSigned("localhost");
    const { server: secure } = await startVersity({ certificate });
    assert.ok(secure !== undefined);
    context.after(() => secure.end());
    const keys = {
      accessKeyId: "AKIATEST",
      secretAccessKey: String((await makeBucket())["secretAccessKey"]),
    };
    const settings = { ...keys, bucket: "not-there", endpoint: `https://localhost:${secure.port}` };
    await failsEverywhere(s3Storage(settings), "unreachable", /certificate is not trusted/);
    assert.equal(course(await diagnosis(settings)), "name port host-key!");
    const trusting = { ...settings, certificate: certificate.cert };
    await failsEverywhere(s3Storage(trusting), "unreachable", /there is no such bucket/);
    assert.equal(course(await diagnosis(trusting)), "name port host-key sign-in path!");
  },
);

test("what answers without being an S3 server is told", async (context) => {
  const web = createServer((_, answer) => answer.writeHead(200).end("<html><p>Welcome!</html>"));
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
  context.after(() => web.close());
  const endpoint = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  const bucket = { bucket: "home", endpoint, accessKeyId: "key", secretAccessKey: "wrong secret" };
  const storage = s3Storage(bucket);
  await rejectsWith(Array.fromAsync(storage.list("", signal)), "unreachable");
  await assert.rejects(Array.fromAsync(storage.list("", signal)), /no S3 server/);
  assert.equal(course(await diagnosis(bucket)), "name port sign-in path!");
});

/** A bucket behind a proxy on which things go wrong. */
async function behind(
  context: TestContext,
  decide: Decide,
): Promise<{ readonly bucket: S3Bucket; readonly storage: StorageProvider }> {
  assert.ok(server !== undefined);
  const proxy = await HttpLine.to(server.port, decide);
  context.after(() => proxy[Symbol.asyncDispose]());
  const bucket = { ...(await makeBucket()), endpoint: proxy.endpoint };
  return { bucket, storage: s3Storage(bucket) };
}

const refusals: readonly (readonly [code: string, status: number, problem: StorageProblem])[] = [
  ["AccessDenied", 403, "denied"],
  ["ExpiredToken", 400, "sign-in"],
  ["EntityTooLarge", 400, "too-large"],
  ["QuotaExceeded", 403, "full"],
  ["XMinioStorageFull", 507, "full"],
  ["BadDigest", 400, "damaged"],
  ["OperationAborted", 409, "busy"],
  ["ConditionalRequestConflict", 409, "busy"],
  ["MethodNotAllowed", 405, "unsupported"],
];

test("each refusal of a server becomes the problem that it is", { skip }, async (context) => {
  let refusal: readonly [string, number] = ["", 0];
  const { storage } = await behind(context, ({ method }): Fate => {
    const [code, status] = refusal;
    return method === "PUT" ? { code, status } : undefined;
  });
  for (const [code, status, problem] of refusals) {
    refusal = [code, status];
    await assert.rejects(storage.write("a.tar", content("x"), signal), (error: unknown) => {
      assert.ok(error instanceof StorageError);
      assert.deepEqual([error.problem, error.key], [problem, "a.tar"]);
      assert.match(error.message, new RegExp(code));
      return true;
    });
  }
});

test("a few answers that ask for patience are waited out", { skip }, async (context) => {
  let left = 2;
  const { storage } = await behind(context, ({ method }): Fate => {
    const isRefused = method === "PUT" && left > 0;
    if (isRefused) left -= 1;
    return isRefused ? { status: 503, code: "SlowDown" } : undefined;
  });
  await storage.write("a.tar", content("x"), signal);
  assert.equal(left, 0);
});

test(
  "keys that may not list are denied rather than shown an empty place",
  { skip },
  async (context) => {
    const { bucket, storage } = await behind(context, () => ({
      status: 403,
      code: "AccessDenied",
    }));
    await failsEverywhere(storage, "denied", /these keys may not do that/);
    assert.equal(course(await diagnosis(bucket)), "name port sign-in permission!");
  },
);

test("a diagnosis tells keys that may look but not write", { skip }, async (context) => {
  const { bucket } = await behind(context, ({ method }): Fate => {
    return method === "PUT" ? { status: 403, code: "AccessDenied" } : undefined;
  });
  assert.equal(course(await diagnosis(bucket)), "name port sign-in path permission!");
});
