/** How a backup that somebody else made came to a location. Nothing of it is secret. */
export interface ArrivalNote {
  /** `inbox`: by WebDAV, whole. `folder`: it was found there. */
  readonly by: "inbox" | "folder";
  /** Name of the token that it came with; undefined for one that was found. */
  readonly sender: string | undefined;
  /** ISO date-time. */
  readonly at: string;
}

/** Name of the arrival in the notes beside the archive. */
export const arrivalKey = "arrival";

/** The arrival as a JSON value. */
export function arrivalNote({ by, sender, at }: ArrivalNote): Readonly<Record<string, string>> {
  return sender === undefined ? { by, at } : { by, sender, at };
}

/** What notes on a backup say of its arrival; undefined if nothing that can be understood. */
export function parseArrival(notes: unknown): ArrivalNote | undefined {
  const value = fieldOf(notes, arrivalKey);
  const [by, sender, at] = ["by", "sender", "at"].map((name) => fieldOf(value, name));
  if ((by !== "inbox" && by !== "folder") || typeof at !== "string") return undefined;
  return { by, sender: typeof sender === "string" ? sender : undefined, at };
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Reflect.get(value, name);
}
