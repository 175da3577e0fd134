import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { StorageError } from "../errors.ts";
import { lastReason, rcloneError } from "./errors.ts";
import type { RcloneSettings } from "./settings.ts";

/** Where an rclone listens: a socket in a folder of this user alone, or a port of this machine. */
export type DaemonAddress =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number };

/**
 * One `rclone rcd`. It ends with us, however we end: a shell beside it reads from a pipe that only we hold open, and when
 * that is closed it ends rclone and removes the folder of the socket.
 */
export class RcloneDaemon {
  readonly address: DaemonAddress;
  /** For `Authorization`. */
  readonly authorization: string;
  /** What the place is called inside of this daemon: a remote that only its environment knows. */
  readonly fs = `${remoteName}:`;
  readonly #child: ChildProcess;
  readonly #log: Log;

  constructor(started: Started, address: DaemonAddress) {
    this.#child = started.child;
    this.#log = started.log;
    this.authorization = started.authorization;
    this.address = address;
  }

  /**
   * Starts rclone and waits until it listens. From 1.61 on that is a socket; 1.60 can only listen on a port. Rejects
   * with `unsupported` where it is not installed.
   */
  static async start(settings: RcloneSettings): Promise<RcloneDaemon> {
    const daemon = socketsFail ? undefined : await onSocket(settings);
    if (daemon !== undefined) return daemon;
    socketsFail = true;
    return onPort(settings);
  }

  /** False as soon as rclone has ended, for whatever reason. */
  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Waits for its end, up to that many milliseconds. */
  async ended(longestMs: number): Promise<void> {
    if (!this.isAlive) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const late = setTimeout(resolve, longestMs);
    this.#child.once("close", resolve);
    await promise;
    clearTimeout(late);
  }

  /** The end of what it has said. */
  get log(): string {
    return this.#log.text;
  }

  /** Rejects never; it may be called twice. */
  stop(): void {
    this.#child.stdin?.destroy();
  }
}

/** True once this machine's rclone has turned out to be too old for them. */
let socketsFail = false;

/** Undefined where this rclone cannot listen on a socket. */
async function onSocket(settings: RcloneSettings): Promise<RcloneDaemon | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "safehouse-rclone-"));
  const socketPath = join(folder, "rc");
  const started = startRclone(settings, { folder, listen: `unix://${socketPath}` });
  const said = await started.log.until(/Serving remote control|unknown port|too many colons/);
  if (said === "Serving remote control") return new RcloneDaemon(started, { socketPath });
  if (said === undefined) throw endedAtOnce(started.log.text);
  return undefined;
}

async function onPort(settings: RcloneSettings): Promise<RcloneDaemon> {
  const started = startRclone(settings, { folder: "", listen: "127.0.0.1:0" });
  const said = await started.log.until(/Serving remote control on http:\/\/127\.0\.0\.1:\d+/);
  if (said === undefined) throw endedAtOnce(started.log.text);
  return new RcloneDaemon(started, {
    host: "127.0.0.1",
    port: Number(said.slice(said.lastIndexOf(":") + 1)),
  });
}

const remoteName = `safehouse${randomBytes(4).toString("hex")}`;
const logKept = 16_384;

interface Started {
  readonly child: ChildProcess;
  readonly log: Log;
  readonly authorization: string;
}

interface Listening {
  /** Removed at the end; empty for none. */
  readonly folder: string;
  readonly listen: string;
}

/**
 * `$1` is a folder to remove, the rest is the command. The shell's own input is the pipe that we hold. rclone must not
 * inherit it: it would not notice, but it has no business with it.
 */
const script = `
folder=$1; shift
exec 3<&0 </dev/null
"$@" 3<&- &
daemon=$!
( read -r nothing <&3; kill "$daemon"; sleep 3; kill -9 "$daemon" ) >/dev/null 2>&1 &
guard=$!
exec 3<&-
wait "$daemon"
code=$?
kill "$guard" 2>/dev/null
[ -z "$folder" ] || rm -rf -- "$folder"
exit "$code"
`;

/** Hours that no transfer takes. */
const never = "87600h";

function startRclone(settings: RcloneSettings, { folder, listen }: Listening): Started {
  const user = randomBytes(16).toString("hex");
  const password = randomBytes(32).toString("hex");
  // Every user of the machine sees the arguments, and only this one and root the environment.
  const args = [
    "rcd",
    "--rc-serve",
    `--rc-addr=${listen}`,
    // They count from the first byte of a request to the last of its answer, and would end a long transfer.
    `--rc-server-read-timeout=${never}`,
    `--rc-server-write-timeout=${never}`,
    // A silence is for the layer around the provider to judge; it also knows when our own side is the silent one.
    "--timeout=1h",
    "--contimeout=20s",
    "--ask-password=false",
    // A short body that was cut would otherwise be taken for a whole one.
    "--streaming-upload-cutoff=0",
    // Otherwise a new object of the same size and time is not moved over the old one.
    "--ignore-times",
    // The other time costs a request for each object of a bucket.
    "--use-server-modtime",
    "--stats=0",
    "--log-level=NOTICE",
  ];
  const child = spawn("sh", ["-c", script, "safehouse-rclone", folder, "rclone", ...args], {
    env: { ...ownEnvironment(), ...environmentOf(settings, { user, password }) },
    stdio: ["pipe", "ignore", "pipe"],
    detached: true,
  });
  child.stdin.on("error", () => undefined);
  // It must not keep this program from ending.
  child.unref();
  for (const stream of [child.stdin, child.stderr])
    (stream as unknown as { unref?(): void }).unref?.();
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  return { child, log: new Log(child), authorization };
}

function environmentOf(
  { remote, config, configPassword }: RcloneSettings,
  { user, password }: { readonly user: string; readonly password: string },
): Record<string, string> {
  const prefix = `RCLONE_CONFIG_${remoteName.toUpperCase()}`;
  return {
    LANG: "C.UTF-8",
    LC_ALL: "C.UTF-8",
    RCLONE_RC_USER: user,
    RCLONE_RC_PASS: password,
    // Named here, the remote needs no quoting anywhere, whatever is in its path.
    [`${prefix}_TYPE`]: "alias",
    [`${prefix}_REMOTE`]: remote,
    ...(config === undefined ? {} : { RCLONE_CONFIG: config }),
    ...(configPassword === undefined ? {} : { RCLONE_CONFIG_PASS: configPassword }),
  };
}

/** What rclone and the libraries of its back-ends heed, and nothing of ours. */
function ownEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => passedOn.test(name) && !keptBack.test(name)),
  );
}

const passedOn =
  /^(PATH|HOME|USER|LOGNAME|TMPDIR|TZ|XDG_.*|RCLONE_.*|SSL_CERT_.*|SSH_AUTH_SOCK|AWS_(?!CA_BUNDLE).*|GOOGLE_.*|AZURE_.*|(https?|no|all)_proxy)$/i;
/** What would change how we speak with it, or whether it does anything at all. */
const keptBack =
  /^RCLONE_(RC($|_.*)|LOG_.*|VERBOSE|QUIET|USE_JSON_LOG|SYSLOG.*|DRY_RUN|INTERACTIVE|STATS.*|IGNORE_.*|NO_CHECK_DEST|IMMUTABLE|ASK_PASSWORD|STREAMING_UPLOAD_CUTOFF)$/;

function endedAtOnce(log: string): StorageError {
  if (/not found$/m.test(log) && !/\b(NOTICE|ERROR|CRITICAL|Failed)\b/.test(log)) {
    return new StorageError("unsupported", "The program rclone is not installed here");
  }
  return rcloneError(lastReason(log), "rclone did not start");
}

/** What a child says on standard error, and waiting for it to say something. */
class Log {
  text = "";
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.setEncoding("utf8").on("data", (said: string) => {
      this.text = (this.text + said).slice(-logKept);
    });
    child.once("error", (error) => (this.text += `${error.message}\n`));
  }

  /** The words when it says them; undefined if it ends without. */
  until(words: RegExp): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const look = (): void => {
      const found = words.exec(this.text)?.[0];
      if (found !== undefined) resolve(found);
    };
    // Nothing else keeps the program alive while it waits for this.
    const awake = setInterval(look, 1000);
    this.#child.stderr?.on("data", look);
    this.#child.once("close", () => resolve(words.exec(this.text)?.[0]));
    this.#child.once("error", () => resolve(undefined));
    look();
    return promise.finally(() => {
      clearInterval(awake);
      this.#child.stderr?.off("data", look);
    });
  }
}
