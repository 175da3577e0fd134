import { readFileSync } from "node:fs";
import { SafehouseError } from "#core/model/problem.ts";
import { asStateError, isMissing } from "./state-error.ts";

/** A JSON object as it lies in a file; whoever reads a value checks it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A small file with one object for each home. What this program does not know in it is kept. */
export interface HomeDocument {
  readonly version: number;
  readonly homes: Readonly<Record<string, JsonObject>>;
}

/** What a person is told about a file that cannot be read. */
export interface DocumentKind {
  /** What lies in it: `settings`. */
  readonly name: string;
  readonly advice: string;
}

const presentVersion = 1;

/**
 * Reads such a file; an empty document if there is none. Throws `damaged`, `unknown-version` for a file of
 * a newer program, and `denied`.
 */
export function readHomeDocument(path: string, kind: DocumentKind): HomeDocument {
  const text = readIfThere(path);
  if (text === undefined) return { version: presentVersion, homes: {} };
  return parseDocument(text, path, kind);
}

/** What a document says of a home; an empty object if nothing. */
export function ofHome({ homes }: HomeDocument, home: string): JsonObject {
  return (Object.hasOwn(homes, home) ? homes[home] : undefined) ?? {};
}

/** True for an object that is no list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The error for a file that cannot be understood. */
export function damagedDocument(path: string, kind: DocumentKind): SafehouseError {
  return new SafehouseError("damaged", `The ${kind.name} in ${path} cannot be read`, {
    subject: path,
    advice: kind.advice,
  });
}

function parseDocument(text: string, path: string, kind: DocumentKind): HomeDocument {
  const document = parseJson(text, path, kind);
  if (!isObject(document)) throw damagedDocument(path, kind);
  const { version, homes } = document;
  if (typeof version === "number" && version > presentVersion) {
    throw new SafehouseError("unknown-version", `${path} was written by a newer Safehouse`, {
      subject: path,
      advice: "Use the newer version, or another data directory",
    });
  }
  if (version !== presentVersion || !isObject(homes)) throw damagedDocument(path, kind);
  const checked: [string, JsonObject][] = [];
  for (const [home, value] of Object.entries(homes)) {
    if (!isObject(value)) throw damagedDocument(path, kind);
    checked.push([home, value]);
  }
  return { ...document, version, homes: Object.fromEntries(checked) };
}

function parseJson(text: string, path: string, kind: DocumentKind): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // The error quotes the text around the fault, and is therefore not passed on as the cause.
    if (error instanceof SyntaxError) throw damagedDocument(path, kind);
    throw error;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw asStateError(error, path);
  }
}
