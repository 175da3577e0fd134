import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Contender, Operation, Scene } from "./contenders.ts";

const password = "K7QX-2M9D-PL4T-8WRA-ZC3N-5HVE-J6YB";
const homeFolders = ["config", "share", "ssl", "media", "addons/local", "data"];

/** Sets up what one command works on, outside of what is measured. */
export class Stage {
  readonly #home: string;
  readonly #folder: string;

  /** @param folder a place that is the bench's own and is removed at the end */
  constructor(home: string, folder: string) {
    this.#home = home;
    this.#folder = folder;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "password"), `${password}\n`, { mode: 0o600 });
  }

  prepare(contender: Contender, operation: Operation): Scene {
    const target = join(this.#folder, "target");
    const output = this.#output(contender, operation);
    if (operation.startsWith("create")) empty(output);
    if (operation.startsWith("restore")) {
      empty(target);
      for (const name of homeFolders) mkdirSync(join(target, name), { recursive: true });
    }
    const archive = archiveIn(output);
    const passwordFile = join(this.#folder, "password");
    return {
      home: this.#home,
      output,
      archive,
      slug: slugOf(archive),
      target,
      password,
      passwordFile,
    };
  }

  /** Bytes of what a create left. */
  sizeOfArchive(contender: Contender, operation: Operation): number {
    return statSync(archiveIn(this.#output(contender, operation))).size;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Plain and encrypted archives live side by side, for every contender. */
  #output({ name, worksOn = name }: Contender, operation: Operation): string {
    const form = operation.endsWith("v3") ? "v3" : "plain";
    return join(this.#folder, worksOn.replaceAll(/\W+/g, "-"), form);
  }
}

function empty(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}

/** The one large file of an output folder; the empty path before there is one. */
function archiveIn(folder: string): string {
  const files = globSync(`${folder}/**/*.{tar,tar.gz}`);
  return files.toSorted((a, b) => statSync(b).size - statSync(a).size)[0] ?? "";
}

function slugOf(archive: string): string {
  if (!archive.endsWith(".tar")) return "";
  const metadata = JSON.parse(
    execFileSync("tar", ["-xOf", archive, "./backup.json"], { encoding: "utf8" }),
  ) as unknown;
  const isBackup = typeof metadata === "object" && metadata !== null && "slug" in metadata;
  return isBackup ? String(metadata.slug) : "";
}
