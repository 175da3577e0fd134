import { renameSync, rmSync } from "node:fs";
import { factsOf, namesIn } from "./disk-path.ts";
import type { Notes } from "./notes.ts";
import { noHome } from "./layout.ts";

/** Names at the top of every config folder, and never beside `data` in a version 2 archive. */
const marksOfConfig = ["configuration.yaml", ".HA_VERSION", ".storage"];

/**
 * Decides where the config folder lies in what was staged: in `data` (metadata version 2), or at the root
 * (version 1, docs/format.md section 3.8). The official reader asks only whether there is a `data`; a
 * version 1 home that has a folder of that name would lose everything else, so look at the rest as well.
 * @returns the path in the archive that became the stage: `data` or `""`
 */
export function settleConfigLayout(raw: string, stage: string, notes: Notes): "data" | "" {
  const others = namesIn(raw).filter((name) => name !== "data");
  const hasData = factsOf(`${raw}/data`)?.isDirectory() === true;
  if (!hasData || others.some((name) => marksOfConfig.includes(name))) {
    renameSync(raw, stage);
    return "";
  }
  renameSync(`${raw}/data`, stage);
  for (const name of others) {
    const { problem, message } = noHome(name);
    notes.add({ path: name, problem, message });
  }
  rmSync(raw, { recursive: true });
  return "data";
}
