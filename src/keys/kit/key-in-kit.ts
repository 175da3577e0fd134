import { SafehouseError } from "#core/model/problem.ts";
import { kitLines } from "./kit-lines.ts";

const keys = /(?<![A-Z0-9-])[A-Z0-9]{4}(?:-[A-Z0-9]{4}){6}(?![A-Z0-9-])/g;

/**
 * The key in an emergency kit, of Safehouse as text or page, or of Home Assistant itself.
 * @param path for messages
 * @throws SafehouseError `usage` if there is none of Home Assistant's shape, or more than one
 */
export function keyInKit(copy: string, path: string): string {
  const found = new Set(kitLines(copy).flatMap((line) => line.match(keys) ?? []));
  const [key] = found;
  if (key !== undefined && found.size === 1) return key;
  const count = found.size === 0 ? "no key" : `${found.size} keys`;
  throw new SafehouseError("usage", `${path} holds ${count} in seven groups of four`, {
    subject: path,
    advice: "Enter the key on the terminal, or put it alone into a file for --password-file",
  });
}
