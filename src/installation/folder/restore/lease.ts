import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { randomUUID } from "node:crypto";
import { SafehouseError } from "#core/model/problem.ts";
import { factsOf, hasCode } from "./disk-path.ts";
import { lives, ownIdentity } from "./process-identity.ts";
import type { ProcessIdentity } from "./process-identity.ts";
import { isRecord } from "./is-record.ts";
import { asLeaseError } from "./lease-error.ts";

/** The right to change the home: one at a time. */
export interface Lease extends Disposable {
  readonly id: string;
}

export interface LeaseOptions {
  /** What the owner does, for the message of whoever comes second. */
  readonly purpose: string;
  readonly now: number;
}

interface LeaseRecord extends ProcessIdentity {
  readonly id: string;
  readonly purpose: string;
  readonly since: string;
}

const heartbeatInMs = 5000;
/** An owner in another container, whom we cannot see, counts as dead after this much silence. */
const silenceInMs = 30_000;

/**
 * Takes the lease of a home. • A dead owner's lease is taken over at once, a live one's never: `busy`. Rejects with
 * `denied`, `read-only`, `no-space` and `usage` for a folder that cannot be written.
 * @param folder holds the lease file
 */
export async function takeLease(
  folder: string,
  options: LeaseOptions,
  signal: AbortSignal,
): Promise<Lease> {
  const path = `${folder}/lease.json`;
  const record: LeaseRecord = {
    ...ownIdentity(),
    id: randomUUID(),
    purpose: options.purpose,
    since: new Date(options.now).toISOString(),
  };
  while (!claimIn(folder, path, record)) {
    const owner = readLease(path);
    if (owner !== undefined && (await ownerLives(path, owner, signal))) throw busy(owner);
    dropDead(path, owner);
  }
  return holdLease(path, record.id);
}

function claimIn(folder: string, path: string, record: LeaseRecord): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return claim(path, record);
  } catch (error) {
    throw asLeaseError(error, folder);
  }
}

/** The whole record appears at once: a reader never sees half of it. */
function claim(path: string, record: LeaseRecord): boolean {
  const scratch = `${path}.${record.id}`;
  try {
    writeFileSync(scratch, JSON.stringify(record), { mode: 0o600 });
    linkSync(scratch, path);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    if (!hasCode(error, "EPERM", "ENOTSUP", "ENOSYS")) throw error;
    return claimWithoutLinks(path, record);
  } finally {
    rmSync(scratch, { force: true });
  }
}

function claimWithoutLinks(path: string, record: LeaseRecord): boolean {
  try {
    writeFileSync(path, JSON.stringify(record), { mode: 0o600, flag: "wx" });
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

function readLease(path: string): LeaseRecord | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isLeaseRecord(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

function isLeaseRecord(value: unknown): value is LeaseRecord {
  return (
    isRecord(value) &&
    typeof value["pid"] === "number" &&
    typeof value["id"] === "string" &&
    typeof value["since"] === "string" &&
    typeof value["purpose"] === "string"
  );
}

async function ownerLives(path: string, owner: LeaseRecord, signal: AbortSignal): Promise<boolean> {
  const answer = lives(owner);
  if (answer !== "unknown") return answer;
  const seen = factsOf(path)?.mtimeMs;
  for (let waited = 0; waited < silenceInMs; waited += 500) {
    await pause(500, undefined, { signal });
    const now = factsOf(path)?.mtimeMs;
    if (now === undefined) return false;
    if (now !== seen) return true;
  }
  return false;
}

/** Two that find the same dead owner must not drop each other's fresh lease, so look at what was moved. */
function dropDead(path: string, owner: LeaseRecord | undefined): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
    const moved = readLease(aside);
    if (moved !== undefined && moved.id !== owner?.id) linkSync(aside, path);
    unlinkSync(aside);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

function holdLease(path: string, id: string): Lease {
  const heartbeat = setInterval(() => {
    const now = new Date();
    if (readLease(path)?.id === id) utimesSync(path, now, now);
  }, heartbeatInMs);
  heartbeat.unref();
  return {
    id,
    [Symbol.dispose]() {
      clearInterval(heartbeat);
      if (readLease(path)?.id === id) unlinkSync(path);
    },
  };
}

function busy(owner: LeaseRecord): SafehouseError {
  return new SafehouseError(
    "busy",
    `${owner.purpose} has been running in process ${owner.pid} since ${owner.since}`,
    { advice: "Wait until it has ended", facts: { pid: owner.pid, since: owner.since } },
  );
}
