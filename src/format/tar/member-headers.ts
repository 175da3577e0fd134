import { damagedAt } from "./damaged-at.ts";
import { parsePaxRecords, PaxValues } from "./parse-pax.ts";
import { readMember, type Member } from "./read-member.ts";
import { readName } from "./read-name.ts";

/** Headers that say something about the next one. */
export type ExtendedHeader = "pax" | "global-pax" | "long-name" | "long-link";

/**
 * Puts the headers of one member together: PAX headers (IEEE 1003.1), GNU long names and the block that
 * ends them. An extended header counts more than a global one, and that more than the block; of two
 * extended headers that say the same, the later one counts.
 */
export class MemberHeaders {
  readonly #global = new PaxValues();
  #values = new PaxValues();
  #waiting = false;
  #globalUsed = false;

  /** True between an extended header and the block that it belongs to. */
  get waiting(): boolean {
    return this.#waiting;
  }

  /** Takes the content of an extended header; `offset` is where in the archive that begins. */
  extend(kind: ExtendedHeader, bytes: Buffer, offset: number): void {
    if (kind === "global-pax") return this.#extendGlobal(bytes, offset);
    this.#waiting = true;
    if (kind === "pax") parsePaxRecords(bytes, offset, this.#values);
    else this.#values[kind === "long-name" ? "path" : "linkpath"] = wholeName(bytes);
  }

  /** Reads the block that ends a member's headers; `offset` is its place in the archive. */
  finish(block: Buffer, offset: number): Member {
    const values = this.#values;
    this.#values = this.#globalUsed
      ? Object.assign(new PaxValues(), this.#global)
      : new PaxValues();
    this.#waiting = false;
    return readMember(block, offset, values);
  }

  #extendGlobal(bytes: Buffer, offset: number): void {
    parsePaxRecords(bytes, offset, this.#global);
    const { size, path, linkpath } = this.#global;
    // Programs disagree about whether such a size moves the next header, so no reading of it is safe;
    // one name for all that follows is a trick, for it costs 64 kB per header here and nothing there.
    if (size !== undefined || path !== undefined || linkpath !== undefined) {
      throw damagedAt(offset, "a global header sets a size or a name");
    }
    if (this.#waiting) throw damagedAt(offset, "a global header stands between a member's headers");
    this.#globalUsed = true;
    this.#values = Object.assign(new PaxValues(), this.#global);
  }
}

function wholeName(bytes: Buffer): string | undefined {
  const name = readName(bytes, { start: 0, length: bytes.length });
  return name === "" ? undefined : name;
}
