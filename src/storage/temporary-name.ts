import { randomBytes } from "node:crypto";
import type { Owner } from "./owner.ts";

/** Name of an unfinished object: `.safehouse-<random>-<pid>-<start>-<boot>-<space>.tmp`. */
export function temporaryName(owner: Owner): string {
  const random = randomBytes(6).toString("hex");
  return `.safehouse-${random}-${owner.pid}-${owner.start}-${owner.boot}-${owner.space}.tmp`;
}

/** Who a temporary name belongs to; undefined for every other name. */
export function ownerOfTemporaryName(name: string): Owner | undefined {
  const match = pattern.exec(name);
  if (match === null) return undefined;
  const [, pid = "", start = "", boot = "", space = ""] = match;
  return { pid: Number(pid), start, boot, space };
}

const pattern = /^\.safehouse-[0-9a-f]{12}-(\d{1,10})-(\d{1,20})-([0-9a-f]{8})-([0-9a-f]{8})\.tmp$/;
