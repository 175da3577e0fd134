import { readText, refuse, type ReadField } from "../json-fields.ts";

/** An address of the web, as it was written. Refuses one that holds a name or a password. */
export function readWebAddress(value: unknown, path: string): string {
  const text = readText(value, path);
  const [, authority] = /^https?:\/\/([^/?#\s\\]+)(?:[/?][^#\s]*)?$/iu.exec(text) ?? [];
  if (authority === undefined) refuse(path, "an address that begins with https:// or http://");
  if (authority.includes("@"))
    refuse(path, "an address without name and password; give these by settings of their own");
  return text;
}

/** An address that something is added to: it loses the slash at its end. */
export function readBaseAddress(value: unknown, path: string): string {
  return readWebAddress(value, path).replace(/\/+$/u, "");
}

/** A secret in one line, blanks at its ends included. */
export function readSecret(value: unknown, path: string): string {
  const isLine = typeof value === "string" && value !== "" && !/[\r\n]/u.test(value);
  return isLine ? value : refuse(path, "one line of text");
}

/** A number, or the text of one. */
export function readWholeNumber(least: number, most: number): ReadField<number> {
  return (value, path) => {
    const text = typeof value === "number" ? String(value) : value;
    const isNumber = typeof text === "string" && /^\d{1,9}$/u.test(text);
    const number = isNumber ? Number(text) : Number.NaN;
    return number >= least && number <= most
      ? number
      : refuse(path, `a whole number from ${least} to ${most}`);
  };
}
