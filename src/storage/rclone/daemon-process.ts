import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { DaemonLog } from "./daemon-log.ts";
import type { RcloneSettings } from "./settings.ts";

const remoteName = `safehouse${randomBytes(4).toString("hex")}`;

export interface DaemonProcess {
  readonly child: ChildProcess;
  readonly log: DaemonLog;
  /** For `Authorization`. */
  readonly authorization: string;
  /** What the place is called inside of it. */
  readonly fs: string;
}

export interface Listening {
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

export function startRclone(
  settings: RcloneSettings,
  { folder, listen }: Listening,
): DaemonProcess {
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
    // Ten, as it is by itself, take half a minute at a server that refuses; who asks tries again anyway.
    "--low-level-retries=5",
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
  return { child, log: new DaemonLog(child), authorization, fs: `${remoteName}:` };
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
