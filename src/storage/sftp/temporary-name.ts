import { randomBytes } from "node:crypto";

/** Name of an unfinished object: `.safehouse-<random>.tmp`; of one that can go on later, `.safehouse-resume-<random>.tmp`. */
export function temporaryName(resumable: boolean): string {
  return `.safehouse-${resumable ? "resume-" : ""}${randomBytes(8).toString("hex")}.tmp`;
}

/** Also true for unfinished objects that other kinds of places have left in the same folder. */
export function isTemporaryName(name: string): boolean {
  return /^\.safehouse-[0-9a-z-]+\.tmp$/.test(name);
}

export function isResumableName(name: string): boolean {
  return /^\.safehouse-resume-[0-9a-f]{16}\.tmp$/.test(name);
}
