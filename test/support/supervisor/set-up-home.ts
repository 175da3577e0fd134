import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandLine } from "#test/command-line.ts";
import { describe, type Bench } from "#test/safehouse.ts";

/** Saves where the home of a bench lies, and adds the locations `nas` and `attic` to the default one. */
export async function setUpHome(bench: Bench): Promise<void> {
  await succeed(bench, "init");
  for (const name of ["nas", "attic"]) {
    const path = folderOfLocation(bench, name);
    mkdirSync(path);
    await succeed(bench, "locations", "add", name, "--path", path);
  }
}

/** Keeps a mount of a share as a program does that has locations of that kind. */
export function storeMount({ dataDir }: Bench, name: string): void {
  const path = join(dataDir, "settings.json");
  const document = JSON.parse(readFileSync(path, "utf8")) as {
    homes: { home: { locations: unknown[] } };
  };
  const settings = { host: "nas.local", share: "backups", user: "homeassistant" };
  document.homes.home.locations.push({ id: name, name, kind: "smb", settings });
  writeFileSync(path, JSON.stringify(document));
}

/** Where the backups of a location lie. @param name as the Supervisor's API has it */
export function folderOfLocation({ folder, location }: Bench, name: string): string {
  return name === ".local" ? location : join(folder, name);
}

async function succeed(bench: Bench, ...args: readonly string[]): Promise<void> {
  const outcome = await commandLine(bench, args);
  if (outcome.code !== 0) throw new Error(`${args.join(" ")} ended with ${describe(outcome)}`);
}
