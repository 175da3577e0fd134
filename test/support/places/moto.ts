import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { pythonPeer } from "../python-peer.ts";

/** An S3 server for tests, moto, that keeps buckets in memory. Any key signs in. */
export class MotoServer {
  /** Why there is none, in the words that a skip needs; false where it runs. */
  readonly absent: `absent: ${string}` | false;
  readonly #port: number;
  readonly #child: ChildProcess | undefined;

  private constructor(absent: `absent: ${string}` | false, port = 0, child?: ChildProcess) {
    this.absent = absent;
    this.#port = port;
    this.#child = child;
  }

  static async start(): Promise<MotoServer> {
    const { python, absent } = await pythonPeer("s3");
    if (python === undefined) return new MotoServer(absent);
    const child = spawn(python, ["-c", program], { stdio: ["pipe", "pipe", "ignore"] });
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    return new MotoServer(false, Number(line.toString()), child);
  }

  /** Makes a bucket that keeps versions: of others moto tells a version that it then does not know. Its name. */
  async newBucket(): Promise<string> {
    const name = `bucket-${randomBytes(6).toString("hex")}`;
    const url = `http://127.0.0.1:${this.#port}/${name}`;
    const body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    for (const [address, content] of [
      [url, ""],
      [`${url}?versioning`, body],
    ] as const) {
      const { ok, status } = await fetch(address, { method: "PUT", body: content });
      if (!ok) throw new Error(`moto answers ${status}`);
    }
    return name;
  }

  /** For a remote of rclone's configuration. */
  rcloneOptions(): Readonly<Record<string, string>> {
    return {
      type: "s3",
      provider: "Other",
      access_key_id: "key",
      secret_access_key: "secret",
      endpoint: `http://127.0.0.1:${this.#port}`,
    };
  }

  async end(): Promise<void> {
    if (this.#child === undefined) return;
    const closed = once(this.#child, "close");
    this.#child.kill("SIGKILL");
    await closed;
  }
}

/** Tells its port, and ends with whoever started it. */
const program = `
import os, sys, threading
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
os._exit(0)
`;
