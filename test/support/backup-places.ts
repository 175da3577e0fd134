import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { DeflatePool } from "#format/gzip/deflate-pool.ts";
import type { Clock } from "#core/ports.ts";
import type { BackupOrigin } from "#jobs/notes/origin.ts";
import { ArchiveLocation } from "#location/archive-location.ts";
import { inspectArchive } from "#location/inspect-archive.ts";
import { StateCatalogue } from "#state/catalogue.ts";
import { openState } from "#state/open-state.ts";
import { LocalStorage } from "#storage/local/provider.ts";
import { parseLocalSettings } from "#storage/local/settings.ts";
import type { StorageProvider } from "#storage/provider.ts";
import { makeSample, type SampleArchive } from "./sample-archive.ts";
import { StateUploads } from "#state/uploads.ts";

export const ourInstallation = "6d0c7b0e-9f52-4f0e-8a57-3f6f2c0f7a11";

/** A backup that lies at a location before a test begins. */
export interface PlacedBackup {
  /** 8 hexadecimal digits. */
  readonly slug: string;
  /** Milliseconds since 1970. */
  readonly date: number;
  /** Undefined for an archive that Home Assistant made. */
  readonly origin?: BackupOrigin | undefined;
  /** What the notes beside it say besides whose it is; undefined for no notes at all. */
  readonly notes?: Readonly<Record<string, unknown>> | undefined;
}

export const proven = { verification: { verdict: "proven", level: "content", at: "2026-01-01" } };

/** Locations in folders of their own, with real archives in them, under a clock of the test's. */
export class BackupPlaces {
  readonly folder = mkdtempSync(join(tmpdir(), "safehouse-places-"));
  readonly #clock: Clock;
  readonly #context: TestContext;
  readonly #models = new Map<string, SampleArchive>();
  readonly #pool: DeflatePool;

  private constructor(context: TestContext, clock: Clock, pool: DeflatePool) {
    this.#context = context;
    this.#clock = clock;
    this.#pool = pool;
    context.after(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  static async create(context: TestContext, clock: Clock): Promise<BackupPlaces> {
    const pool = await DeflatePool.open({ engine: "wasm", threads: 1 });
    context.after(() => pool[Symbol.asyncDispose]());
    return new BackupPlaces(context, clock, pool);
  }

  path(id: string): string {
    return join(this.folder, id);
  }

  /** Makes the folder of a location. */
  add(...ids: readonly string[]): void {
    for (const id of ids) mkdirSync(join(this.path(id), ".safehouse"), { recursive: true });
  }

  /**
   * As a process that has just started opens it.
   * @param wrap puts something between the folder and its users
   * @param isProtected archives are to be encrypted there, or not
   */
  open(
    id: string,
    wrap = (storage: StorageProvider): StorageProvider => storage,
    isProtected?: boolean,
  ): ArchiveLocation {
    const state = openState({
      dataDirectory: join(this.folder, "data"),
      clock: this.#clock,
      notice: (sentence) => {
        throw new Error(sentence);
      },
    });
    this.#context.after(() => state[Symbol.dispose]());
    const settings = parseLocalSettings({ path: this.path(id), reserveBytes: 0 });
    return new ArchiveLocation({
      uploads: new StateUploads(state),
      storage: wrap(new LocalStorage(settings)),
      place: { home: "home", location: id },
      catalogue: new StateCatalogue(state),
      inspect: inspectArchive,
      clock: this.#clock,
      isProtected,
    });
  }

  /** Puts a backup of a few KB there, with the index and notes that it would have; returns its file name. */
  async put(id: string, backup: PlacedBackup): Promise<string> {
    const { slug, date, notes } = backup;
    const origin =
      "origin" in backup ? backup.origin : { installation: ourInstallation, plan: undefined };
    const model = await this.#model(origin);
    const { metadata } = await model.open();
    const iso = new Date(date).toISOString().replace("Z", "000+00:00");
    const text = model.bytes.toString("latin1");
    const bytes = text.replaceAll(metadata.slug, slug).replaceAll(metadata.date, iso);
    const path = this.path(id);
    const fileName = `backup-${slug}.tar`;
    const beside = `${path}/.safehouse/${slug}`;
    const files: [string, string | Uint8Array][] = [
      [`${path}/${fileName}`, Buffer.from(bytes, "latin1")],
    ];
    files.push([`${beside}.index`, model.indexBytes]);
    if (!("notes" in backup) || notes !== undefined)
      files.push([`${beside}.json`, JSON.stringify({ ...(origin && { origin }), ...notes })]);
    for (const [file, content] of files) {
      writeFileSync(file, content);
      utimesSync(file, date / 1000, date / 1000);
    }
    return fileName;
  }

  /** Slugs of the archives at a location, sorted. */
  slugs(id: string): string[] {
    return readdirSync(this.path(id))
      .flatMap((name) => /^backup-(.*)\.tar$/.exec(name)?.[1] ?? [])
      .toSorted();
  }

  /** Everything at a location, as paths, sorted; folders left out. */
  files(id: string): string[] {
    return readdirSync(this.path(id), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(this.path(id).length + 1))
      .toSorted();
  }

  async #model(origin: BackupOrigin | undefined): Promise<SampleArchive> {
    const key = JSON.stringify(origin ?? null);
    const known = this.#models.get(key);
    if (known !== undefined) return known;
    const safehouse = { version: 1, writer: "test", parts: {}, origin };
    const extra = origin === undefined ? { safehouse: undefined } : { safehouse };
    const parts = [
      { part: { kind: "folder", name: "ssl" }, entries: [{ path: "key.pem", content: "a key" }] },
    ] as const;
    const model = await makeSample(parts, { pool: this.#pool, extra });
    this.#models.set(key, model);
    return model;
  }
}

/** Slugs that count: `00000001`, `00000002` … */
export function slugNumber(number: number): string {
  return number.toString(16).padStart(8, "0");
}
