import { refuse } from "./json-fields.ts";

/** An id that a person chooses once, of a plan or a location. Throws `usage`, naming the field. */
export function readId(value: unknown, path: string): string {
  const isId = typeof value === "string" && /^[a-z0-9][a-z0-9_-]{0,63}$/u.test(value);
  return isId
    ? value
    : refuse(path, "at most 64 lower-case letters, digits, - and _, a letter or digit first");
}
