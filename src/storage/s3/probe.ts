import { randomBytes } from "node:crypto";

/** Name of an object that a diagnosis writes, and that is never listed. */
export function probeKey(): string {
  return `.safehouse-${randomBytes(6).toString("hex")}-probe.tmp`;
}

/** Whether a key is one of those. */
export function isProbe(key: string): boolean {
  return /(^|\/)\.safehouse-[0-9a-f]{12}-probe\.tmp$/.test(key);
}
