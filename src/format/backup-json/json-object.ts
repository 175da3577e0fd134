import { SafehouseError } from "#core/model/problem.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads the keys of an object as leniently as the Supervisor does. What does not fit is `not-a-backup`
 * and names the key.
 */
export class ObjectReader {
  readonly #object: JsonObject;
  readonly #path: string;

  /** @param path keys that lead to the object, each with a dot behind it */
  constructor(object: JsonObject, path = "") {
    this.#object = object;
    this.#path = path;
  }

  value(key: string): unknown {
    return Object.hasOwn(this.#object, key) ? this.#object[key] : undefined;
  }

  string(key: string): string {
    const value = this.value(key);
    if (typeof value === "string") return value;
    throw this.fault(key, value === undefined ? "is missing" : "is not a text");
  }

  /** A version; some writers have it as a number. Undefined for null and if it is absent. */
  version(key: string): string | undefined {
    const value = this.value(key) ?? undefined;
    if (value === undefined || typeof value === "string") return value;
    if (typeof value === "number") return String(value);
    throw this.fault(key, "is not a version");
  }

  boolean(key: string, absent: boolean): boolean {
    const value = this.value(key);
    if (value === undefined) return absent;
    if (typeof value !== "string") return Boolean(value);
    const word = value.toLowerCase();
    if (trueWords.has(word)) return true;
    if (falseWords.has(word)) return false;
    throw this.fault(key, "is neither true nor false");
  }

  /** Empty for null and if it is absent. */
  list(key: string): readonly unknown[] {
    const value = this.value(key) ?? [];
    if (Array.isArray(value)) return value;
    throw this.fault(key, "is not a list");
  }

  strings(key: string): readonly string[] {
    return this.list(key).map((value, index) => {
      if (typeof value === "string") return value;
      throw this.fault(`${key}.${index}`, "is not a text");
    });
  }

  /** The objects of a list; the keys that lead to each are its reader's path. */
  objects(key: string): readonly ObjectReader[] {
    return this.list(key).map((value, index) => {
      if (isJsonObject(value)) return new ObjectReader(value, `${this.#path}${key}.${index}.`);
      throw this.fault(`${key}.${index}`, "is not an object");
    });
  }

  /** Undefined for null and if it is absent. */
  object(key: string): ObjectReader | undefined {
    const value = this.#objectValue(key);
    return value === undefined ? undefined : new ObjectReader(value, `${this.#path}${key}.`);
  }

  /** An object that is kept as it is; empty for null and if it is absent. */
  anything(key: string): JsonObject {
    return this.#objectValue(key) ?? {};
  }

  #objectValue(key: string): JsonObject | undefined {
    const value = this.value(key) ?? undefined;
    if (value === undefined || isJsonObject(value)) return value;
    throw this.fault(key, "is not an object");
  }

  /** @param what end of the sentence: what is wrong with the key */
  fault(key: string, what: string): SafehouseError {
    return notABackup(`"${this.#path}${key}" ${what}`);
  }
}

/** @param why end of the sentence */
export function notABackup(why: string, cause?: unknown): SafehouseError {
  const details = cause === undefined ? {} : { cause };
  return new SafehouseError("not-a-backup", `backup.json is not valid: ${why}`, details);
}

/** The words that the Supervisor takes for a boolean. */
const trueWords = new Set(["1", "true", "yes", "on", "enable"]);
const falseWords = new Set(["0", "false", "no", "off", "disable"]);
