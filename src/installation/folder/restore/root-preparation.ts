import { mkdirSync, realpathSync, renameSync, rmdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { SafehouseError } from "#core/model/problem.ts";
import { directoryFacts, keepingTime } from "./directory-facts.ts";
import type { DirectoryFacts } from "./directory-facts.ts";
import { factsOf, hasCode } from "./disk-path.ts";
import { stageFolder } from "./places.ts";

/** Where a folder really is, and what has to be made for it to be there. */
export interface FoundRoot {
  readonly root: string;
  /** Outermost first. */
  readonly created: readonly string[];
  readonly prior: DirectoryFacts;
}

/** Looks at a target folder; changes nothing. */
export function findRoot(folder: string): FoundRoot {
  const missing: string[] = [];
  let there = folder;
  for (; factsOf(there) === undefined && dirname(there) !== there; there = dirname(there))
    missing.unshift(basename(there));
  let root = realpathSync(there);
  const facts = factsOf(root);
  if (!facts?.isDirectory())
    throw new SafehouseError("unsupported", `${root} is no folder`, { subject: folder });
  const created = missing.map((name) => (root = root === "/" ? `/${name}` : `${root}/${name}`));
  return { root, created, prior: directoryFacts(facts) };
}

/**
 * Makes the folder for a stage. Rejects with `read-only` where nothing can be written, and with
 * `unsupported` where what is staged could not be renamed into place.
 */
export function makeStage(found: FoundRoot, id: string): void {
  const { root, created } = found;
  try {
    for (const directory of created) mkdirSync(directory, { mode: 0o755 });
    keepingTime(root, () => {
      // One by one: for a read-only place, `recursive` says that there is no such folder.
      if (!factsOf(`${root}/.safehouse`)?.isDirectory())
        mkdirSync(`${root}/.safehouse`, { mode: 0o700 });
      mkdirSync(stageFolder(root, id), { mode: 0o700 });
      tryRename(root, id);
    });
  } catch (error) {
    throw translated(error, root);
  }
}

/** Only a rename tells: two mounts of one file system look alike and still cannot be renamed across. */
function tryRename(root: string, id: string): void {
  const here = `${stageFolder(root, id)}/.trial`;
  const there = `${root}/.safehouse-trial-${id}`;
  mkdirSync(here);
  try {
    renameSync(here, there);
    rmdirSync(there);
  } catch (error) {
    rmdirSync(here);
    throw error;
  }
}

function translated(error: unknown, root: string): unknown {
  const options = { subject: root, cause: error };
  if (hasCode(error, "EROFS")) {
    const advice = "Mount it so that it can be written, or leave this part out";
    return new SafehouseError("read-only", `${root} cannot be written: it is mounted read-only`, {
      ...options,
      advice,
    });
  }
  if (hasCode(error, "EACCES", "EPERM")) {
    return new SafehouseError("denied", `${root} cannot be written by this user`, options);
  }
  if (hasCode(error, "EXDEV")) {
    const advice = "Unmount it; the stage has to be on the mount of the folder that it is for";
    return new SafehouseError(
      "unsupported",
      `${root}/.safehouse is on another mount than ${root}`,
      { ...options, advice },
    );
  }
  if (hasCode(error, "ENOTDIR", "EEXIST")) {
    return new SafehouseError("unsupported", `${root}/.safehouse is not a folder`, options);
  }
  if (hasCode(error, "ENOSPC", "EDQUOT")) {
    return new SafehouseError("no-space", `The disk of ${root} is full`, options);
  }
  return error;
}
