import { lstatSync } from "node:fs";
import type { Stats } from "node:fs";
import { placeOf } from "./list-folder.ts";
import type { PartTally } from "./reader-protocol.ts";
import type { OpenFolder, PartVisitor } from "./walk-part.ts";

/**
 * Adds up what a walk meets. Opens no file: that would drop the locks of a reader in this process
 * (see `sqlite-live.ts`), so databases count as large as they are without their log.
 */
export class PartCounter implements PartVisitor {
  readonly tally: PartTally;

  constructor(ruleCount: number) {
    this.tally = {
      files: 0,
      bytes: 0,
      incompressibleBytes: 0,
      entries: 0,
      nameBytes: 0,
      leftOut: Array.from({ length: ruleCount }, () => ({ files: 0, bytes: 0 })),
    };
  }

  file(folder: OpenFolder, name: string, stat: Stats | undefined): void {
    if (stat === undefined || goesWithDatabase(folder, name)) return;
    this.#entry(`${folder.path}/${name}`);
    this.tally.files += 1;
    this.tally.bytes += stat.size;
    if (incompressible.test(name)) this.tally.incompressibleBytes += stat.size;
  }

  leftOut(rule: number, stat: Stats): void {
    const row = this.tally.leftOut[rule];
    // Links are not counted where they go in, so they are not counted here either.
    if (row === undefined || !stat.isFile()) return;
    row.files += 1;
    row.bytes += stat.size;
  }

  folder(folder: OpenFolder): void {
    this.#entry(folder.path);
  }

  symlink({ path, target }: { readonly path: string; readonly target: string }): void {
    this.#entry(path + target);
  }

  note(): void {}

  #entry(names: string): void {
    this.tally.entries += 1;
    this.tally.nameBytes += Buffer.byteLength(names);
  }
}

function goesWithDatabase(folder: OpenFolder, name: string): boolean {
  const base = /^(.+)-(?:wal|shm|journal)$/su.exec(name)?.[1];
  return (
    base !== undefined &&
    lstatSync(placeOf(folder.base, base), { throwIfNoEntry: false })?.isFile() === true
  );
}

/** Kinds of files that are compressed already. */
const incompressible =
  /\.(?:jpe?g|png|gif|webp|avif|heic|mp4|m4v|mkv|mov|avi|webm|ts|mp3|m4a|aac|ogg|opus|flac|wma|zip|gz|tgz|xz|zst|bz2|7z|rar|woff2?|jar|whl|safetensors|tflite|onnx)$/iu;
