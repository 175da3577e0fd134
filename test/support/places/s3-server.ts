import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import { S3Storage } from "#storage/s3/provider.ts";
import { parseS3Settings } from "#storage/s3/settings.ts";
import { goPeer } from "../go-peer.ts";
import { pythonPeer } from "../python-peer.ts";
import type { Certificate } from "../self-signed.ts";
import { freePort } from "./free-port.ts";

/** A bucket of a test, and how it is reached. */
export type S3Bucket = Readonly<Record<string, string | number | boolean>> & {
  readonly bucket: string;
  readonly endpoint: string;
};

export interface BucketOptions {
  readonly versioned?: boolean;
  /** So that objects can be locked. */
  readonly locking?: boolean;
  /** For servers that have several. */
  readonly region?: string;
}

/** A secret with everything that a careless program would trip over. */
export const s3Keys = {
  accessKeyId: "AKIATEST",
  secretAccessKey: `pä ß"'$%#\\/+&=x`,
};

interface Running {
  readonly child: ChildProcess;
  readonly port: number;
  readonly folder: string;
}

/** A server that speaks S3, of this test file alone. */
export class S3Server {
  readonly port: number;
  /** Where it keeps its objects. */
  readonly folder: string;
  readonly #child: ChildProcess;
  readonly #scheme: "http" | "https";
  readonly #keys: typeof s3Keys;
  #buckets = 0;

  constructor(running: Running, scheme: "http" | "https", keys = s3Keys) {
    this.#child = running.child;
    this.port = running.port;
    this.folder = running.folder;
    this.#scheme = scheme;
    this.#keys = keys;
  }

  get endpoint(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`;
  }

  /** Of the system, for signals. */
  get child(): ChildProcess {
    return this.#child;
  }

  /** Another way to ask it, for what our provider does not do. */
  client(region = "us-east-1"): S3Client {
    return new S3Client({
      region,
      endpoint: this.endpoint,
      forcePathStyle: true,
      credentials: this.#keys,
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      maxAttempts: 1,
    });
  }

  /** Settings for a new bucket. */
  async makeBucket(options: BucketOptions = {}): Promise<S3Bucket> {
    this.#buckets += 1;
    const bucket = `bucket-${process.pid}-${this.#buckets}`;
    const client = this.client(options.region);
    const { region, locking = false } = options;
    await client.send(
      new CreateBucketCommand({
        Bucket: bucket,
        ObjectLockEnabledForBucket: locking,
        ...(region === undefined
          ? {}
          : { CreateBucketConfiguration: { LocationConstraint: region as "eu-central-1" } }),
      }),
    );
    if (options.versioned === true) {
      const VersioningConfiguration = { Status: "Enabled" } as const;
      await client.send(
        new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }),
      );
    }
    client.destroy();
    return { bucket, endpoint: this.endpoint, ...this.#keys };
  }

  async end(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const closed = once(this.#child, "close");
      this.#child.kill("SIGKILL");
      await closed;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A server, or why there is none. */
export type MaybeServer =
  | { readonly server: S3Server; readonly absent: false }
  | { readonly server?: never; readonly absent: `absent: ${string}` };

export interface VersityOptions {
  /** Where it keeps its objects; a temporary folder of its own if not given. */
  readonly data?: string;
  readonly region?: string;
  readonly certificate?: Certificate;
  /** Size of its disk, which is then a file system of its own in memory; needs the right to mount. */
  readonly diskMegabytes?: number;
}

/** The S3 gateway of Versity, which keeps objects as files. */
export async function startVersity(options: VersityOptions = {}): Promise<MaybeServer> {
  const { program, absent } = await goPeer({
    module: "github.com/versity/versitygw",
    folder: "cmd/versitygw",
    version: "v1.8.0",
    oldestGo: 25,
  });
  if (program === undefined) return { absent };
  const folder = await mkdtemp(join(tmpdir(), "safehouse-versity-"));
  const data = options.data ?? join(folder, "data");
  const versions = join(folder, "versions");
  await mkdir(data, { recursive: true });
  await mkdir(versions);
  const port = await freePort();
  const args = ["--port", `127.0.0.1:${port}`, "--quiet", "--keep-alive"];
  if (options.region !== undefined) args.push("--region", options.region);
  if (options.certificate !== undefined) {
    await writeFile(join(folder, "cert.pem"), options.certificate.cert);
    await writeFile(join(folder, "key.pem"), options.certificate.key);
    args.push("--cert", join(folder, "cert.pem"), "--key", join(folder, "key.pem"));
  }
  args.push("posix", "--versioning-dir", versions);
  // Not every memory file system keeps attributes.
  if (options.diskMegabytes !== undefined) args.push("--sidecar", versions);
  args.push(data);
  const { accessKeyId, secretAccessKey } = s3Keys;
  const env = {
    PATH: process.env["PATH"],
    ROOT_ACCESS_KEY_ID: accessKeyId,
    ROOT_SECRET_ACCESS_KEY: secretAccessKey,
  };
  const [command, ...all] = [...onDiskOf(options.diskMegabytes, data), program, ...args];
  const child = spawn(command ?? program, all, { env, stdio: "ignore" });
  await untilItListens(port, child);
  const scheme = options.certificate === undefined ? "http" : "https";
  return { server: new S3Server({ child, port, folder }, scheme), absent: false };
}

/** What to start a program with, so that it alone sees a small disk at that path. */
function onDiskOf(megabytes: number | undefined, path: string): readonly string[] {
  if (megabytes === undefined) return [];
  const script = `mount -t tmpfs -o size=${megabytes}m none "$0" && exec "$@"`;
  return ["unshare", "--mount", "sh", "-c", script, path];
}

/** moto, which knows AWS' regions, classes of storage and locks, and lets every key in. */
export async function startMoto(): Promise<MaybeServer> {
  const { python, absent } = await pythonPeer("s3");
  if (python === undefined) return { absent };
  const folder = await mkdtemp(join(tmpdir(), "safehouse-moto-"));
  const port = await freePort();
  const code = "import sys; from moto.server import main; main(sys.argv[1:])";
  const child = spawn(python, ["-c", code, "-H", "127.0.0.1", "-p", String(port)], {
    stdio: "ignore",
  });
  await untilItListens(port, child);
  return { server: new S3Server({ child, port, folder }, "http"), absent: false };
}

async function untilItListens(port: number, child: ChildProcess): Promise<void> {
  while (!(await answersAt(port))) {
    if (child.exitCode !== null) throw new Error(`The server has ended with ${child.exitCode}`);
    await pause(50);
  }
}

async function answersAt(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    // Not yet.
    return false;
  } finally {
    socket.destroy();
  }
}

/** The provider for a bucket. */
export function s3Storage(
  bucket: S3Bucket,
  more: Readonly<Record<string, string | number | boolean>> = {},
): S3Storage {
  return new S3Storage(parseS3Settings({ ...bucket, ...more }));
}
