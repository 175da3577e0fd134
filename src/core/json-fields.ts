import { SafehouseError } from "./model/problem.ts";
import { nearestName } from "./nearest-name.ts";

/** Reads the value of one field. @param path where it stands, such as `plan.locations[1]`, for messages */
export type ReadField<T> = (value: unknown, path: string) => T;

/**
 * The fields of a JSON object that somebody wrote. Every method throws `usage`, naming the field, if it
 * does not hold what it has to; `null` is taken for absent.
 */
export class JsonFields {
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #path: string;

  /** @param known the fields that there are; any other is refused, since a misspelt one would not count */
  constructor(value: unknown, path: string, known: readonly string[]) {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      refuse(path, "an object");
    const values = Object.entries(value).filter(
      ([, content]) => content !== null && content !== undefined,
    );
    for (const [name] of values) {
      if (known.includes(name)) continue;
      throw new SafehouseError("usage", `${path} has no field ${JSON.stringify(name)}`, {
        subject: `${path}.${name}`,
        advice: `Did you mean ${nearestName(name, known)}? There are ${known.join(", ")}`,
      });
    }
    this.#values = new Map(values);
    this.#path = path;
  }

  /** A text with something to see in it, without blanks around it. */
  text(name: string): string {
    return readText(this.#values.get(name), this.#pathOf(name));
  }

  /** A value that `read` accepts. */
  value<T>(name: string, read: ReadField<T>): T {
    return read(this.#values.get(name), this.#pathOf(name));
  }

  optional<T>(name: string, read: ReadField<T>): T | undefined {
    return this.#values.has(name) ? this.value(name, read) : undefined;
  }

  /** @param absent what counts if the field is not there */
  flag(name: string, absent: boolean): boolean {
    const value = this.#values.get(name) ?? absent;
    return typeof value === "boolean" ? value : refuse(this.#pathOf(name), "true or false");
  }

  oneOf<T extends string>(name: string, choices: readonly T[]): T {
    const value = this.#values.get(name);
    const chosen = choices.find((choice) => choice === value);
    return (
      chosen ?? refuse(this.#pathOf(name), choices.join(", ").replace(/, ([^,]*)$/u, " or $1"))
    );
  }

  /** Empty if the field is not there. */
  list<T>(name: string, read: ReadField<T>): T[] {
    const path = this.#pathOf(name);
    const value = this.#values.get(name) ?? [];
    if (!Array.isArray(value)) refuse(path, "a list");
    return value.map((item: unknown, at) => read(item, `${path}[${at}]`));
  }

  #pathOf(name: string): string {
    return `${this.#path}.${name}`;
  }
}

/** A text with something to see in it, without blanks around it. */
export function readText(value: unknown, path: string): string {
  if (typeof value !== "string" || value.trim() === "") refuse(path, "a text");
  return value.trim();
}

/** Throws `usage`. @param wanted what the field has to be, as the end of a sentence */
export function refuse(path: string, wanted: string): never {
  throw new SafehouseError("usage", `${path} has to be ${wanted}`, { subject: path });
}
