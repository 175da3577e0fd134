import { StorageError } from "../errors.ts";
import type { SyncthingApi } from "./api.ts";
import { fieldsOf, itemsOf, textOf } from "./json.ts";
import type { SharedFolder } from "./shared-folder.ts";

const note = "// Safehouse: what is not finished stays here.";
/** At any depth. With `(?d)` a folder that another device has removed can go although such a file is in it. */
const patterns = ["(?d).safehouse-*.tmp", "(?d).safehouse/incoming"];

/**
 * Sees to it that Syncthing carries no unfinished object away: by patterns in front of those that the user has, for the
 * first that fits counts. Syncthing itself writes them into its `.stignore`; they hold for this device alone. Source:
 * docs.syncthing.net/users/ignoring.html.
 */
export async function ignoreUnfinished(
  api: SyncthingApi,
  { id, name }: SharedFolder,
  signal: AbortSignal,
): Promise<void> {
  const told = fieldsOf(await api.get("db/ignores", { folder: id }, signal));
  const known = itemsOf(told["ignore"]).map(textOf);
  // From version 2 on a line at the top may say how patterns are escaped.
  const head = known.findLastIndex((line) => line.startsWith("#escape")) + 1;
  const ours = known.slice(head, head + patterns.length + 1).filter((line) => line !== note);
  if (patterns.every((pattern) => ours.includes(pattern))) return;
  const trouble = textOf(told["error"]) || (known.some(isMangled) ? "it is not in UTF-8" : "");
  if (trouble !== "") {
    const lines = patterns.join(" and ");
    const message = `The patterns in .stignore of the folder ${name} are left alone because of a fault in them (${trouble}); unfinished backups go to other devices until there are lines ${lines} at its top`;
    throw new StorageError("unsupported", message);
  }
  const others = known.filter((line) => line !== note && !patterns.includes(line));
  const ignore = [...others.slice(0, head), note, ...patterns, ...others.slice(head)];
  await api.post({ path: "db/ignores", query: { folder: id }, body: { ignore } }, signal);
}

/** What is not in UTF-8 comes with this sign, and would go back with it. */
function isMangled(line: string): boolean {
  return line.includes("\ufffd");
}
