import type { BaseIssue } from "valibot";

/**
 * What is wrong with a request, in the words of the library that validates for the Supervisor: clients of other
 * versions show them, and people search for them. `expected str for dictionary value @ data['name']. Got 5`
 */
export function validationWords(issue: BaseIssue<unknown>): string {
  const path = issue.path ?? [];
  const place = path.map(({ key }) => `[${pythonText(key)}]`).join("");
  const at = place === "" ? "" : ` @ data${place}`;
  const isOfObject = path.at(-1)?.type === "object";
  if (isOfObject && issue.type === "strict_object" && issue.expected === "never")
    return `extra keys not allowed${at}. Got ${pythonText(path.at(-1)?.value)}`;
  if (isOfObject && /_object$|^object$/.test(issue.type) && issue.input === undefined)
    return `required key not provided${at}. Got None`;
  const where = isOfObject ? " for dictionary value" : "";
  return `${issue.message}${where}${at}. Got ${pythonText(issue.input)}`;
}

/** A JSON value as Python writes it. */
function pythonText(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return pythonString(value);
  if (Array.isArray(value)) return `[${value.map(pythonText).join(", ")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value);
  return `{${entries.map(([key, entry]) => `${pythonText(key)}: ${pythonText(entry)}`).join(", ")}}`;
}

function pythonString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return `${quote}${quote === "'" ? escaped.replaceAll("'", "\\'") : escaped}${quote}`;
}
