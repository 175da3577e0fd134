import { randomUUID } from "node:crypto";
import { partName } from "#core/model/part.ts";
import type { Part } from "#core/model/part.ts";
import type { PartEvents } from "#core/model/part-event.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { ReportProgress } from "#core/ports.ts";
import type {
  PartToRestore,
  RestoreOutcome,
  RestorePlan,
  RestoreSession,
  ServiceState,
  StagedPart,
} from "../../installation.ts";
import { checkFits } from "./disk-space.ts";
import { flushBelow } from "./durable.ts";
import { abandon } from "./finish.ts";
import { refuseIfAlive } from "./home-alive.ts";
import { writeJournal } from "./journal.ts";
import type { Journal, JournalRoot } from "./journal.ts";
import type { Lease } from "./lease.ts";
import { noHome } from "./layout.ts";
import { listRoots, planRoots } from "./list-roots.ts";
import { undoKeptForMs } from "./restore-home.ts";
import type { RestoreHome } from "./restore-home.ts";
import { findRoot, makeStage } from "./root-preparation.ts";
import { stageFolder, tidyRoot, removeCreated, scratchNames } from "./places.ts";
import { stageAddonRecord, stageIntoRoot } from "./stage-into-root.ts";
import type { StagedRoot } from "./stage-into-root.ts";
import { NeedsRecovery, swapUnderJournal } from "./swap.ts";
import { watchedRoots } from "./watched-roots.ts";
import { addonRecords, targetFolder } from "./target.ts";
import type { OpenRestoreOptions } from "./open-restore.ts";

/** A restore into the folders of a home. */
export class FolderRestore implements RestoreSession {
  readonly #home: RestoreHome;
  readonly #options: OpenRestoreOptions;
  readonly #lease: Lease;
  #journal: Journal;
  /** By root. */
  readonly #staged = new Map<string, StagedRoot>();
  #state: "open" | "ended" | "needs-recovery" = "open";

  constructor(home: RestoreHome, options: OpenRestoreOptions, lease: Lease) {
    this.#home = home;
    this.#options = options;
    this.#lease = lease;
    const now = home.clock.now();
    this.#journal = {
      version: 1,
      id: randomUUID().slice(0, 8),
      kind: "restore",
      phase: "staging",
      backup: { slug: options.slug, name: options.name },
      startedAt: new Date(now).toISOString(),
      keptUntil: new Date(now + undoKeptForMs).toISOString(),
      bytes: 0,
      roots: [],
    };
  }

  /** Makes a part's stage folder ready. Rejects with `read-only` or `home-alive` with the home untouched. */
  prepare(part: Part): JournalRoot | undefined {
    const folder = targetFolder(this.#home.paths, part);
    if (folder === undefined) return undefined;
    const known = this.#journal.roots.find(
      (root) => !root.additive && partName(root.part) === partName(part),
    );
    if (known !== undefined) return known;
    const root = this.#addRoot(folder, { part, additive: false });
    try {
      if (!this.#options.stopped && this.#options.stopCommand === undefined) {
        refuseIfAlive(watchedRoots({ id: this.#journal.id, roots: [root] }));
      }
    } catch (error) {
      this.#dropRoot(root);
      throw error;
    }
    return root;
  }

  async checkSpace(parts: readonly PartToRestore[]): Promise<void> {
    this.#mustBeOpen();
    const needs = parts.flatMap(({ part, bytes }) => {
      const root = this.prepare(part);
      return root === undefined ? [] : [{ path: root.root, bytes: bytes ?? 0 }];
    });
    checkFits(needs);
    await Promise.resolve();
  }

  async stage(task: PartToRestore, events: PartEvents, signal: AbortSignal): Promise<StagedPart> {
    this.#mustBeOpen();
    const { part } = task;
    const prepared = this.prepare(part);
    if (prepared === undefined) {
      const { problem, message } = noHome(partName(part));
      return { part, files: 0, bytes: 0, notes: [{ path: "", problem, message }] };
    }
    if (this.#staged.has(prepared.root))
      throw new TypeError(`${partName(part)} has been staged already`);
    const root: JournalRoot = { ...prepared, rules: task.rules, database: task.database };
    this.#replaceRoot(root);
    try {
      const result = await stageIntoRoot({ root, id: this.#journal.id, task, events }, signal);
      if (result.staged === undefined) this.#dropRoot(root);
      else this.#staged.set(root.root, result.staged);
      if (part.kind === "addon" && result.remembered !== undefined)
        this.#rememberAddon(part, result.remembered);
      return { part, files: result.files, bytes: result.bytes, notes: result.notes };
    } catch (error) {
      this.#dropRoot(root);
      throw error;
    }
  }

  async plan(): Promise<RestorePlan> {
    this.#mustBeOpen();
    await Promise.resolve();
    return planRoots(this.#home, this.#onlyStaged(), this.#staged);
  }

  async swap(report: ReportProgress, signal: AbortSignal): Promise<RestoreOutcome> {
    this.#mustBeOpen();
    if (this.#staged.size === 0)
      throw new SafehouseError("usage", "Nothing was staged that could be restored");
    for (const root of this.#journal.roots) if (!this.#staged.has(root.root)) this.#dropRoot(root);
    report({ step: "flush", bytes: 0 });
    for (const { root } of this.#journal.roots)
      await flushBelow(stageFolder(root, this.#journal.id));
    const warnings: string[] = [];
    let service: ServiceState;
    try {
      const task = { journal: this.#journal, options: this.#options, report, signal };
      const swapped = await swapUnderJournal(this.#home, {
        ...task,
        prepare: (journal) => warnings.push(...listRoots(this.#home, journal, this.#staged)),
      });
      warnings.push(...this.#ownerWarning(), ...swapped.warnings);
      ({ service } = swapped);
      this.#state = "ended";
    } catch (error) {
      this.#state = error instanceof NeedsRecovery ? "needs-recovery" : "ended";
      throw error;
    }
    return { undoUntil: this.#journal.keptUntil, service, warnings };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.#state === "open") await abandon(this.#home, this.#journal);
    } finally {
      if (this.#state === "open") this.#state = "ended";
      this.#lease[Symbol.dispose]();
    }
  }

  #addRoot(folder: string, options: { part: Part; additive: boolean }): JournalRoot {
    const found = findRoot(folder);
    const twin = this.#journal.roots.find(({ root }) => root === found.root);
    if (twin !== undefined) {
      throw new SafehouseError(
        "usage",
        `${partName(twin.part)} and ${partName(options.part)} are both set to ${found.root}`,
      );
    }
    const root: JournalRoot = {
      ...found,
      ...options,
      rules: [],
      database: true,
      exact: this.#options.exact,
    };
    // Written down before it is made, so that no stage is ever forgotten.
    this.#setRoots([...this.#journal.roots, root]);
    try {
      makeStage(found, this.#journal.id);
    } catch (error) {
      this.#dropRoot(root);
      throw error;
    }
    return root;
  }

  #dropRoot(root: JournalRoot): void {
    this.#staged.delete(root.root);
    if (
      isWritable(() =>
        tidyRoot(root.root, this.#journal.id, { remove: scratchNames, oldIsBack: true }),
      )
    )
      removeCreated(root);
    this.#setRoots(this.#journal.roots.filter((other) => other.root !== root.root));
  }

  #replaceRoot(root: JournalRoot): void {
    this.#setRoots(this.#journal.roots.map((other) => (other.root === root.root ? root : other)));
  }

  #setRoots(roots: readonly JournalRoot[]): void {
    this.#journal = { ...this.#journal, roots };
    writeJournal(this.#home.paths.dataDir, this.#journal);
  }

  #rememberAddon(part: Part & { kind: "addon" }, record: Uint8Array): void {
    const folder = addonRecords(this.#home.paths);
    const known = this.#journal.roots.find(({ additive }) => additive);
    const root = known ?? this.#addRoot(folder, { part, additive: true });
    this.#staged.set(
      root.root,
      stageAddonRecord(root, this.#journal.id, { slug: part.slug, record }),
    );
  }

  #onlyStaged(): Journal {
    return {
      ...this.#journal,
      roots: this.#journal.roots.filter(({ root }) => this.#staged.has(root)),
    };
  }

  #ownerWarning(): string[] {
    const lost = [...this.#staged.values()].some(({ ownersKept }) => !ownersKept);
    return lost
      ? ["Owners of files were not restored: this user or file system cannot set them"]
      : [];
  }

  #mustBeOpen(): void {
    if (this.#state !== "open") throw new TypeError("This restore has ended");
  }
}

/** On a read-only file system nothing was made, so nothing is to be removed. */
function isWritable(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EROFS") return false;
    throw error;
  }
}
