import { connect as connectSocket, type Socket } from "node:net";
import { Client } from "ssh2";
import { StorageError } from "../errors.ts";
import { algorithmsFor, hostKeyKinds, type HostKeyKind } from "./algorithms.ts";
import { connectError } from "./connect-error.ts";
import { changedKey, notPinned, shownKey, type ShownKey } from "./host-key.ts";
import type { SftpSettings } from "./settings.ts";
import { signInWays } from "./sign-in.ts";

/** A connection to an SSH server on which we are signed in. */
export interface SshConnection {
  readonly client: Client;
  /** Says whether the connection keeps the process alive. */
  readonly socket: Socket;
}

/**
 * Connects, makes sure that it is the right host, and signs in. Nothing secret is sent before the host's key was
 * found to be the pinned one. Rejects with `denied` and the fact `hostKey` for another host, `sign-in` where we are
 * refused, `unreachable`, or `unsupported` where no common algorithm is left.
 */
export async function connectSsh(
  settings: SftpSettings,
  signal: AbortSignal,
): Promise<SshConnection> {
  const first = await attempt(settings, hostKeyKinds, signal);
  if (!("shown" in first)) return first;
  const { shown } = first;
  const { host, hostKey } = settings;
  if (hostKey === undefined) throw notPinned(host, shown);
  // A host has a key of each kind, and the pinned one may be another than the best.
  const others = hostKeyKinds.filter((kind) => kind !== shown.kind);
  for (const kind of others) {
    const next = await attempt(settings, [kind], signal).catch(withoutSuchKey);
    if (next !== undefined && !("shown" in next)) return next;
  }
  throw changedKey(host, shown, hostKey);
}

/** As long as a server may take from the first byte to the sign-in: disks that sleep are asked, too. */
const readyInMs = 60_000;

interface Refused {
  /** The key of a host that is not the pinned one. */
  readonly shown: ShownKey;
}

function attempt(
  settings: SftpSettings,
  kinds: readonly HostKeyKind[],
  signal: AbortSignal,
): Promise<SshConnection | Refused> {
  signal.throwIfAborted();
  const signIn = signInWays(settings);
  const { promise, resolve, reject } = Promise.withResolvers<SshConnection | Refused>();
  const { host, port, user, hostKey, oldAlgorithms } = settings;
  const socket = connectSocket({
    host,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay,
  });
  const client = new Client();
  const give = (error: unknown): void => {
    reject(error);
    socket.destroy();
  };
  const onAbort = (): void => give(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  let known = false;
  const hostVerifier = (key: Buffer): boolean => {
    const shown = shownKey(key);
    known = shown.fingerprint === hostKey;
    if (known) return true;
    resolve({ shown });
    socket.destroy();
    return false;
  };
  // A lost connection may tell of several errors, also long after it was made.
  client.on("error", (error) => {
    if (!signIn.goesOn(error)) give(connectError(error, settings, signIn));
  });
  client.once("close", () => give(closed(settings, known)));
  client.once("ready", () => resolve({ client, socket }));
  client.on("change password", () => give(signIn.expired()));
  const algorithms = algorithmsFor(kinds, oldAlgorithms);
  const { authHandler } = signIn;
  const ours = { username: user, readyTimeout: readyInMs };
  try {
    client.connect({ sock: socket, algorithms, hostVerifier, authHandler, ...ours });
  } catch (error) {
    give(connectError(error, settings, signIn));
  }
  return promise.finally(() => signal.removeEventListener("abort", onAbort));
}

/** Milliseconds of silence after which the system asks whether the other side still lives. */
const keepAliveInitialDelay = 30_000;

/** For `catch`: a server without a key of that kind has no such algorithm in common with us. */
function withoutSuchKey(error: unknown): undefined {
  if (!(error instanceof StorageError && error.problem === "unsupported")) throw error;
}

function closed({ host, port }: SftpSettings, known: boolean): StorageError {
  const when = known ? "before the sign-in was done" : "before a word was said";
  return new StorageError("unreachable", `${host} port ${port} has closed the connection ${when}`);
}
