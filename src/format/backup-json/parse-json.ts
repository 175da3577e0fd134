import { isJsonObject, type JsonObject, notABackup } from "./json-object.ts";

/** Real documents have a few kB. Parsed, a hostile one takes 20 times its size. */
const largestDocument = 4 * 1024 * 1024;
/** `JSON.stringify` recurses, so a rewrite must not meet a bottomless document. */
const deepestNesting = 100;

/** Reads a JSON object, or throws `not-a-backup`. Of equal keys the last one counts. */
export function parseJsonObject(bytes: Uint8Array): JsonObject {
  if (bytes.length > largestDocument) throw notABackup(`${bytes.length} bytes are too many`);
  if (isTooDeep(bytes)) throw notABackup("it is nested too deeply");
  const value = parseJson(bytes);
  if (isJsonObject(value)) return value;
  throw notABackup("it is not a JSON object");
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    // The cause is left out: its message quotes the document.
    if (error instanceof SyntaxError) throw notABackup("it is not JSON");
    if (error instanceof TypeError) throw notABackup("it is not UTF-8", error);
    throw error;
  }
}

function isTooDeep(bytes: Uint8Array): boolean {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (inText && byte === 0x5c) at += 1;
    else if (byte === 0x22) inText = !inText;
    else if (!inText) depth += nesting(byte);
    if (depth > deepestNesting) return true;
  }
  return false;
}

/** 1 for an opening bracket, -1 for a closing one. */
function nesting(byte: number | undefined): number {
  if (byte === 0x7b || byte === 0x5b) return 1;
  return byte === 0x7d || byte === 0x5d ? -1 : 0;
}
