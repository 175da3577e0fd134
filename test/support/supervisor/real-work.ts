import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { runTools } from "#app/run-tools.ts";
import type { SharedPool } from "#app/shared-pool.ts";
import type {
  BackupWish,
  ChosenParts,
  RestoreWish,
  StartedBackup,
  StartedRun,
} from "#api/supervisor/backups/backups-port.ts";
import type { WorkPart } from "#api/supervisor/jobs/jobs-port.ts";
import { partOfInnerArchive } from "#core/model/part.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { SelectionRequest } from "#core/plan/resolve-selection.ts";
import type { RunState } from "#core/run/run-state.ts";
import { FolderInstallation } from "#installation/folder/folder-installation.ts";
import { openBackup } from "#jobs/backup/open-backup.ts";
import { runBackup, type RunBackupTools } from "#jobs/backup/run-backup.ts";
import { restoreBackup } from "#jobs/restore/restore-backup.ts";
import { describeRun } from "#jobs/runs/describe-run.ts";
import type { RunTools } from "#jobs/runs/run-tools.ts";
import { backupKeys } from "#keys/backup-keys.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import { openState } from "#state/open-state.ts";
import { memorySpool } from "#test/sample-archive.ts";
import { asSafehouseError } from "#storage/errors.ts";
import type { WorkList } from "./work-list.ts";

const clock = { now: () => Date.now() };
const { signal } = new AbortController();

interface Surroundings {
  readonly folder: string;
  readonly pool: SharedPool;
  readonly works: WorkList;
}

/** Backups and restores by the jobs of the program, one at a time. */
export class RealWork implements AsyncDisposable {
  readonly #around: Surroundings;
  readonly #installation: FolderInstallation;
  readonly #runs: RunTools;
  readonly #close: () => void;
  #atWork: Promise<unknown> | undefined;

  constructor(around: Surroundings) {
    const { folder } = around;
    const dataDir = join(folder, "state");
    mkdirSync(dataDir);
    const state = openState({ dataDirectory: dataDir, clock, notice: () => undefined });
    const markerOf = async (): Promise<undefined> => undefined;
    this.#around = around;
    this.#close = () => state[Symbol.dispose]();
    this.#runs = runTools({ state, clock, notice: () => undefined, markerOf, signal });
    this.#installation = new FolderInstallation(
      {
        config: join(folder, "config"),
        share: join(folder, "share"),
        ssl: join(folder, "ssl"),
        media: join(folder, "media"),
        addonsLocal: join(folder, "addons/local"),
        addonData: join(folder, "data"),
        dataDir,
      },
      clock,
    );
  }

  get isAtWork(): boolean {
    return this.#atWork !== undefined;
  }

  /** @param afterwards is part of the work, once there is a backup of that slug */
  async make(
    wish: BackupWish,
    location: ArchiveLocation,
    afterwards: (slug: string) => Promise<void>,
  ): Promise<StartedBackup> {
    const named = Promise.withResolvers<{ id: string; slug: string }>();
    const parts: WorkPart[] = [];
    const work = async (): Promise<void> => {
      const { password } = wish;
      const result = await runBackup(
        {
          name: wish.name,
          selection: selectionOf(wish.parts, wish.excludeDatabase),
          rules: [],
          encryption:
            password === undefined ? undefined : { version: 3, keys: backupKeys(password) },
          compressed: wish.compressed,
          verify: true,
          extra: wish.extra,
        },
        this.#toolsAt(location, named.resolve),
      );
      for (const { part, status, error } of result.parts) parts.push(workPart(part, status, error));
      await afterwards(result.slug);
    };
    const ended = this.#begin(work());
    const failed = ended.then((error) => Promise.reject(error ?? new Error("It has no name")));
    const { id, slug } = await Promise.race([named.promise, failed]);
    failed.catch(() => undefined);
    this.#around.works.add(id, async () => {
      const run = (await this.#runs.journal.list("home")).find((listed) => listed.id === id);
      if (run === undefined) throw new Error(`The journal does not know ${id}`);
      return { work: "backup", run: describeRun(run), full: wish.parts === undefined, parts };
    });
    return { id, slug, ended };
  }

  async restore(slug: string, wish: RestoreWish, location: ArchiveLocation): Promise<StartedRun> {
    const askPassword = async (): Promise<string | undefined> => wish.password;
    const file = await openBackup(location, slug, { askPassword, signal }).catch(
      (error: unknown) => {
        throw asSafehouseError(error);
      },
    );
    const id = randomUUID().replaceAll("-", "");
    const created = new Date().toISOString();
    let state: RunState = "running";
    let failure: string | undefined;
    const parts: WorkPart[] = [];
    const work = async (): Promise<void> => {
      await using _ = file;
      const result = await restoreBackup(
        file,
        {
          selection: selectionOf(wish.parts, false),
          dryRun: false,
          exact: false,
          replaceUndo: true,
          stopped: true,
        },
        { installation: this.#installation, report: () => undefined, signal },
      );
      for (const { part, status, reason } of result.parts)
        parts.push(workPart(part, status === "skipped" ? "failed" : "complete", reason));
      state = result.status === "incomplete" ? "incomplete" : "done";
    };
    const ended = this.#begin(work()).then((error) => {
      if (error !== undefined) state = "failed";
      failure = error?.message;
      return error;
    });
    this.#around.works.add(id, async () => {
      const full = wish.parts === undefined;
      return { work: "restore", id, slug, created, state, full, parts, error: failure };
    });
    return { id, ended };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#atWork;
    this.#close();
  }

  #begin(work: Promise<void>): Promise<SafehouseError | undefined> {
    const ended = work
      .then(
        () => undefined,
        (error: unknown) => asKnown(error),
      )
      .finally(() => {
        this.#atWork = undefined;
      });
    this.#atWork = ended;
    return ended;
  }

  #toolsAt(
    location: ArchiveLocation,
    named: (run: { id: string; slug: string }) => void,
  ): RunBackupTools {
    const { pool } = this.#around;
    const { journal } = this.#runs;
    const change: typeof journal.change = (home, id, decide) =>
      journal.change(home, id, (stored, open) => {
        const next = decide(stored, open);
        if (next?.backup !== undefined) named({ id, slug: next.backup.slug });
        return next;
      });
    return {
      runs: {
        ...this.#runs,
        journal: {
          list: (home) => journal.list(home),
          open: (home) => journal.open(home),
          change,
        },
      },
      backup: {
        installation: this.#installation,
        location,
        openPool: () => pool.open(),
        closePool: () => pool.close(),
        openSpool: async () => memorySpool(),
        clock,
        writer: "Safehouse",
        report: () => undefined,
        signal,
      },
      hold: async () => ({ [Symbol.asyncDispose]: async () => undefined }),
      queue: true,
      waitsFor: () => undefined,
    };
  }
}

function selectionOf(parts: ChosenParts | undefined, excludeDatabase: boolean): SelectionRequest {
  if (parts === undefined) return { excludeDatabase, folders: [], addons: [] };
  const { homeassistant, addons, folders } = parts;
  return { homeassistant, excludeDatabase, folders, addons: addons === "ALL" ? ["ALL"] : addons };
}

function workPart(name: string, status: string, error: string | undefined): WorkPart {
  const part = partOfInnerArchive(name.replaceAll("/", "_"));
  return { part, state: status === "failed" ? "failed" : "done", error };
}

function asKnown(error: unknown): SafehouseError {
  const known = asSafehouseError(error);
  if (known instanceof SafehouseError) return known;
  return new SafehouseError("incomplete", `A fault: ${String(known)}`, { cause: known });
}
