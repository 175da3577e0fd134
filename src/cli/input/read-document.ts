import { parseDocument } from "yaml";
import { SafehouseError } from "#core/model/problem.ts";
import type { Console } from "../console.ts";

/** The value in a YAML or JSON file. Rejects with `usage` where it is neither, naming the line. */
export async function readDocument(path: string, console: Console): Promise<unknown> {
  const document = parseDocument(await console.readTextFile(path));
  const [error] = document.errors;
  if (error !== undefined) throw isNoYaml(path, error);
  try {
    return document.toJS() as unknown;
  } catch (cause) {
    // An alias without an anchor, or so many that a small file becomes a huge value.
    if (cause instanceof ReferenceError) throw isNoYaml(path, cause);
    throw cause;
  }
}

function isNoYaml(path: string, cause: Error): SafehouseError {
  const [first = ""] = cause.message.split("\n");
  const message = `The file ${path} is no YAML: ${first.replace(/:$/u, "")}`;
  return new SafehouseError("usage", message, { subject: path, cause });
}
