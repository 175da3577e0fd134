import { existsSync, globSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "./safehouse.ts";

/**
 * Everything on disk that only a running command may have there, as paths below the bench's folder.
 * @param slugs of the backups that are there: each may have an index and notes
 */
export function leftovers(bench: Bench, slugs: readonly string[]): string[] {
  const location = namesIn(bench.location).filter((name) => !/^[^.].*\.tar$/.test(name));
  const sidecars = namesIn(`${bench.location}/.safehouse`).filter((name) => name !== "incoming");
  const incoming = namesIn(`${bench.location}/.safehouse/incoming`);
  const data = namesIn(bench.dataDir).filter(
    (name) => !/^(safehouse\.db.*|run|server|settings\.json)$/.test(name),
  );
  // A dead owner's lease stays until the next one takes it over; it stands in nobody's way.
  const lease = namesIn(`${bench.dataDir}/run`).filter((name) => name !== "lease.json");
  return [
    ...location.filter((name) => name !== ".safehouse").map((name) => join("backups", name)),
    ...sidecars.filter((name) => !slugs.some((slug) => name.startsWith(`${slug}.`))),
    ...incoming.map((name) => join("incoming", name)),
    ...data.flatMap((name) =>
      filesIn(`${bench.dataDir}/${name}`).map((file) => `data/${name}/${file}`),
    ),
    ...lease.map((name) => `data/run/${name}`),
  ];
}

/** Stage folders of restores in a home. */
export function stageFolders(home: string): string[] {
  return globSync("**/.safehouse", { cwd: home });
}

function filesIn(folder: string): string[] {
  return globSync("**/*", { cwd: folder });
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
