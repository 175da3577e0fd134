import { StorageError } from "../errors.ts";
import type { Rsync, RsyncOrder } from "./rsync.ts";

/** Told of bytes as they leave for the place. */
export type TellSent = (bytes: number) => void;

export interface Push {
  readonly order: RsyncOrder;
  /** How much of the file the place has already, which rsync counts as well. */
  readonly begin: number;
  readonly sent: TellSent | undefined;
  /** Whether what is sent has to be on stable storage at the end, as far as the other side can do that. */
  readonly isLast: boolean;
}

/** Runs a push and tells how far it is. Resolves with what rsync has said, and rejects as `RsyncRun.ended`. */
export async function runTelling(rsync: Rsync, push: Push, signal: AbortSignal): Promise<string> {
  if (!push.isLast || !rsync.canSync) return runOnce(rsync, push, signal);
  const options = ["--fsync", ...push.order.options];
  try {
    return await runOnce(rsync, { ...push, order: { ...push.order, options } }, signal);
  } catch (error) {
    if (!isAboutSync(error)) throw error;
    rsync.canSync = false;
    return runOnce(rsync, push, signal);
  }
}

/** What is older than rsync 3.2.4 does not know the option, and a daemon may refuse it. */
function isAboutSync(error: unknown): boolean {
  const cause = error instanceof StorageError ? error.cause : undefined;
  return cause instanceof Error && cause.message.includes("--fsync");
}

/** rsync tells about once a second how far it is: bytes, percent, speed, time. */
async function runOnce(
  rsync: Rsync,
  { order, begin, sent }: Push,
  signal: AbortSignal,
): Promise<string> {
  const options = ["--info=progress2", "--outbuf=N", ...order.options];
  const { stdout, ended } = await rsync.start({ ...order, options }, signal);
  let said = "";
  let told = begin;
  stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    const sum = Number(/(\d+) +\d+% [^\r\n]*$/.exec(said.slice(-200))?.[1] ?? 0);
    if (sum <= told) return;
    sent?.(sum - told);
    told = sum;
  });
  await ended;
  return said.replaceAll("\r", "\n");
}
