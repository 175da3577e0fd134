import { randomBytes } from "node:crypto";

/** Names of unfinished objects that writers of this process still use. */
const living = new Set<string>();
const thisProcess = randomBytes(4).toString("hex");

/**
 * A name for an unfinished object: `.safehouse-<random>-<process>.tmp`. It is a living one until `release`.
 * A server does not tell who writes; so what other processes have left is known by its age alone.
 */
export function takeTemporaryName(): string {
  const name = `.safehouse-${randomBytes(6).toString("hex")}-${thisProcess}.tmp`;
  living.add(name);
  return name;
}

export function release(name: string): void {
  living.delete(name);
}

/** Also those that other kinds of places give, in case the same folder is reached in two ways. */
export function isTemporaryName(name: string): boolean {
  return /^\.safehouse-.+\.tmp$/.test(name);
}

/**
 * Whether nobody will finish it.
 * @param silentMs milliseconds since it was last written to, by the clock of the server
 */
export function isLeftover(name: string, silentMs: number): boolean {
  if (living.has(name)) return false;
  return name.endsWith(`-${thisProcess}.tmp`) || silentMs > forsakenAfterMs;
}

/** Longer than any upload is silent: a server may show the time when it began until all of it has come. */
export const forsakenAfterMs = 48 * 3_600_000;
