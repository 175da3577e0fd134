import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import type { Server } from "node:https";
import { join } from "node:path";
import { SafehouseError } from "#core/model/problem.ts";
import type { Clock } from "#core/ports.ts";

/** Paths of two PEM files. */
export interface TlsFiles {
  /** The certificate, followed by those between it and its authority. */
  readonly certificate: string;
  readonly key: string;
}

/**
 * The files in the `ssl` folder of a home, under the names that Home Assistant's add-ons use unless others are
 * given.
 */
export function tlsFilesIn(ssl: string, names: Partial<TlsFiles> = {}): TlsFiles {
  const { certificate = "fullchain.pem", key = "privkey.pem" } = names;
  return { certificate: join(ssl, certificate), key: join(ssl, key) };
}

export interface TlsOptions {
  readonly clock: Clock;
  /** Calls back once, after so many milliseconds; what comes back calls it off. */
  readonly startTimer: (milliseconds: number, callback: () => void) => () => void;
  /** Told when changed files cannot be used; the certificate before goes on serving. */
  readonly report: (error: unknown) => void;
}

/**
 * So often, in milliseconds, is looked for a new certificate. Watching misses files behind links and on network
 * shares.
 */
const lookEveryInMs = 60_000;

/** The certificate of a server, which follows its files: what renews it need not tell us. */
export class TlsCertificate {
  readonly #files: TlsFiles;
  readonly #options: TlsOptions;
  #loaded: Loaded;
  /** What the files were when they were last looked at, good or not. */
  #seen: string;

  private constructor(files: TlsFiles, options: TlsOptions, loaded: Loaded) {
    this.#files = files;
    this.#options = options;
    this.#loaded = loaded;
    this.#seen = loaded.stamp;
  }

  /**
   * Reads certificate and key. Rejects with `not-found` and `denied` for files that cannot be read, with
   * `damaged` for what is none, and with `usage` if they do not belong together or it is not their time.
   */
  static async open(files: TlsFiles, options: TlsOptions): Promise<TlsCertificate> {
    return new TlsCertificate(files, options, await load(files, options.clock.now()));
  }

  /** For `https.createServer`. */
  get context(): { readonly cert: Buffer; readonly key: Buffer } {
    const { cert, key } = this.#loaded;
    return { cert, key };
  }

  /** Lets a server follow the files until it is called off. Connections that are open go on. */
  follow(server: Pick<Server, "setSecureContext">): () => void {
    let stop = (): void => undefined;
    let isOver = false;
    const wait = (): void => {
      stop = this.#options.startTimer(lookEveryInMs, () => void this.renew(server).then(again));
    };
    const again = (): void => {
      if (!isOver) wait();
    };
    wait();
    return () => {
      isOver = true;
      stop();
    };
  }

  /** Looks for a new certificate now. @returns true if the server has one; never rejects */
  async renew(server: Pick<Server, "setSecureContext">): Promise<boolean> {
    try {
      const stamp = await stampOf(this.#files);
      if (stamp === this.#seen) return false;
      this.#seen = stamp;
      const loaded = await load(this.#files, this.#options.clock.now());
      server.setSecureContext({ cert: loaded.cert, key: loaded.key });
      this.#loaded = loaded;
      return true;
    } catch (error) {
      this.#options.report(error);
      return false;
    }
  }
}

interface Loaded {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly stamp: string;
}

async function load(files: TlsFiles, now: number): Promise<Loaded> {
  // Taken before reading: a change in between is then noticed next time.
  const stamp = await stampOf(files);
  const [cert, key] = await Promise.all([read(files.certificate), read(files.key)]);
  const certificate = parseCertificate(cert, files.certificate);
  if (!certificate.checkPrivateKey(parseKey(key, files.key))) throw misfit(files);
  checkTime(certificate, files.certificate, now);
  return { cert, key, stamp };
}

function checkTime(certificate: X509Certificate, path: string, now: number): void {
  const { validFromDate: from, validToDate: to } = certificate;
  if (now >= from.getTime() && now <= to.getTime()) return;
  const when =
    now < from.getTime()
      ? `is valid only from ${from.toISOString()}`
      : `has expired on ${to.toISOString()}`;
  throw new SafehouseError("usage", `The certificate in ${path} ${when}`, {
    subject: path,
    advice: "Renew it, or see to it that the clock of this machine is right",
  });
}

function parseCertificate(pem: Buffer, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new SafehouseError("damaged", `There is no certificate in ${path}`, {
      subject: path,
      advice: "It has to be a PEM file that begins with the certificate of this server",
      cause,
    });
  }
}

/** The cause is not passed on: it may quote what it read. */
function parseKey(pem: Buffer, path: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new SafehouseError("damaged", `There is no private key in ${path} that can be used`, {
      subject: path,
      advice: "It has to be a PEM file without a passphrase",
    });
  }
}

function misfit({ certificate, key }: TlsFiles): SafehouseError {
  return new SafehouseError("usage", `The key in ${key} is not that of ${certificate}`, {
    subject: key,
    advice: "Name the two files of one certificate",
  });
}

/** Another for every content that a file gets, also where names are links that are turned. */
async function stampOf({ certificate, key }: TlsFiles): Promise<string> {
  const facts = await Promise.all(
    [certificate, key].map((path) => attempt(path, () => stat(path, { bigint: true }))),
  );
  return facts.map(({ dev, ino, size, mtimeNs }) => [dev, ino, size, mtimeNs].join(" ")).join();
}

function read(path: string): Promise<Buffer> {
  return attempt(path, () => readFile(path));
}

async function attempt<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
    const problem = code === "ENOENT" ? "not-found" : "denied";
    const message = `The file ${path} for HTTPS cannot be read (${code})`;
    throw new SafehouseError(problem, message, { subject: path, cause });
  }
}
