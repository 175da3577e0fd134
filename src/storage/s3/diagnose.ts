import { isIP } from "node:net";
import { connect } from "node:tls";
import { StorageError } from "../errors.ts";
import type { DiagnosisStep, DiagnosisSubject } from "../diagnosis.ts";
import { reachHost } from "../reach-host.ts";
import { S3Place } from "./place.ts";
import { probeKey } from "./probe.ts";
import { S3Storage } from "./provider.ts";
import { failureOf } from "./s3-error.ts";
import type { S3Settings } from "./settings.ts";
import { trusting } from "./trusted-certificates.ts";

const answerInMs = 20_000;

/** Tries the bucket step by step: name, port, certificate, keys, bucket, and whether an object comes and goes. */
export async function* diagnoseS3(
  settings: S3Settings,
  signal: AbortSignal,
): AsyncGenerator<DiagnosisStep, void, undefined> {
  const steps = [
    () => reach(settings, signal),
    () => certificate(settings, signal),
    () => bucket(settings, signal),
    () => permission(settings, signal),
  ];
  for (const step of steps) {
    for await (const outcome of step()) {
      yield outcome;
      if (!outcome.ok) return;
    }
  }
}

function reach(settings: S3Settings, signal: AbortSignal): AsyncIterable<DiagnosisStep> {
  const { host, port } = addressOf(settings);
  return reachHost({ host, port, server: "an S3 server" }, signal);
}

async function* certificate(
  settings: S3Settings,
  signal: AbortSignal,
): AsyncGenerator<DiagnosisStep, void, undefined> {
  if (settings.endpoint?.protocol === "http:") return;
  const { host, port } = addressOf(settings);
  const options = { host, port, timeout: answerInMs, ...trusting(settings.certificate) };
  const named = isIP(host) === 0 ? { servername: host } : {};
  const { promise, resolve, reject } = Promise.withResolvers<DiagnosisStep>();
  const fails = (message: string, advice: string): void =>
    resolve({ subject: "host-key", ok: false, message, advice });
  const socket = connect({ ...options, ...named }, () =>
    resolve({ subject: "host-key", ok: true, message: `The certificate of ${host} is trusted` }),
  );
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  socket.once("timeout", () => fails(`${host} does not speak TLS at port ${port}`, plainAdvice));
  socket.once("error", (error) => {
    const code = "code" in error ? String(error.code) : error.message;
    if (/CERT|SIGN|VERIFY|ISSUER|ALTNAME/.test(code)) {
      fails(`The certificate of ${host} is not trusted (${code})`, certificateAdvice);
    } else fails(`${host} does not speak TLS at port ${port} (${code})`, plainAdvice);
  });
  try {
    yield await promise;
  } finally {
    signal.removeEventListener("abort", onAbort);
    socket.destroy();
  }
}

const certificateAdvice =
  "Put the server's certificate, or that of whoever has signed it, into certificate";
const plainAdvice = "Try an endpoint that begins with http:// and ends in the right port";

async function* bucket(
  settings: S3Settings,
  signal: AbortSignal,
): AsyncGenerator<DiagnosisStep, void, undefined> {
  const place = new S3Place(settings);
  try {
    await place.check(signal);
    yield { subject: "sign-in", ok: true, ...acceptedAt(place.connection.clockOffset) };
    const where = `in the region ${place.connection.region}`;
    yield {
      subject: "path",
      ok: true,
      message: `The bucket ${settings.bucket} is there, ${where}`,
    };
  } catch (error) {
    const { subject, message, advice } = explained(error, signal);
    if (subject !== "sign-in") {
      yield { subject: "sign-in", ok: true, message: "The keys are accepted" };
    }
    yield { subject, ok: false, message, advice };
  }
}

async function* permission(
  settings: S3Settings,
  signal: AbortSignal,
): AsyncGenerator<DiagnosisStep, void, undefined> {
  const storage = new S3Storage(settings);
  const key = probeKey();
  const text = Buffer.from("Safehouse was here");
  async function* open() {
    yield text;
  }
  try {
    await new S3Place(settings).checkLock("archive.tar", signal);
    await storage.write(key, { open, size: text.length }, signal);
    const read = await Array.fromAsync(await storage.read(key, undefined, signal));
    await storage.remove(key, signal);
    const ok = Buffer.concat(read).equals(text);
    const message = ok ? "An object was written, read and removed" : "Other bytes came back";
    yield { subject: "permission", ok, message };
  } catch (error) {
    const { message, advice } = explained(error, signal);
    yield { subject: "permission", ok: false, message, advice };
  }
}

const noticedInMs = 4 * 60_000;

/** A clock that is wrong is put up with, but days and names of backups come from it. */
function acceptedAt(clockOffset: number): Pick<DiagnosisStep, "message" | "advice"> {
  if (Math.abs(clockOffset) < noticedInMs) return { message: "The keys are accepted" };
  const minutes = Math.round(Math.abs(clockOffset) / 60_000);
  const side = clockOffset > 0 ? "behind" : "ahead of";
  const message = `The keys are accepted, but this machine's clock is ${minutes} minutes ${side} the server's`;
  return { message, advice: clockAdvice };
}

interface Explanation {
  readonly subject: DiagnosisSubject;
  readonly message: string;
  readonly advice: string;
}

/** Rejects with what is no failure of a place. */
function explained(error: unknown, signal: AbortSignal): Explanation {
  signal.throwIfAborted();
  if (!(error instanceof StorageError)) throw error;
  const { message, problem } = error;
  const code = failureOf(error.cause)?.code ?? "";
  if (problem === "sign-in") {
    return { subject: "sign-in", message, advice: signInAdvice.get(code) ?? keyAdvice };
  }
  if (code === "NoSuchBucket" || problem === "not-found") {
    return { subject: "path", message, advice: "Create the bucket there, or correct its name" };
  }
  if (/was not made for locks/.test(message)) {
    return { subject: "permission", message, advice: lockAdvice };
  }
  if (problem === "denied") return { subject: "permission", message, advice: permissionAdvice };
  return { subject: "path", message, advice: "Look at what the server itself reports" };
}

const keyAdvice = "Copy both keys again, without blanks, and see that they belong together";
const clockAdvice = "Set the clock of this machine, or that of the server";
const lockAdvice = "Make a bucket with object lock, or leave lockMode and lockDays empty";
const regionAdvice = "Leave region empty, or correct it";
const permissionAdvice =
  "Allow these keys s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload";

const signInAdvice: ReadonlyMap<string, string> = new Map([
  ["RequestTimeTooSkewed", clockAdvice],
  ["RequestExpired", clockAdvice],
  ["RequestInTheFuture", clockAdvice],
  ["AuthorizationHeaderMalformed", regionAdvice],
  ["PermanentRedirect", regionAdvice],
  ["TemporaryRedirect", regionAdvice],
]);

function addressOf({ endpoint, likelyRegion, bucket: name, pathStyle }: S3Settings): {
  readonly host: string;
  readonly port: number;
} {
  const server = endpoint?.hostname.replace(/^\[|\]$/g, "") ?? `s3.${likelyRegion}.amazonaws.com`;
  const host = pathStyle || name.includes(".") ? server : `${name}.${server}`;
  const port =
    endpoint === undefined || endpoint.port === "" ? defaultPort(endpoint) : endpoint.port;
  return { host, port: Number(port) };
}

function defaultPort(endpoint: URL | undefined): number {
  return endpoint?.protocol === "http:" ? 80 : 443;
}
