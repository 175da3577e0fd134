import type { OpenArchive } from "#archive/read/open-archive.ts";
import type { VerifyReport } from "#archive/verify/verify-report.ts";
import type { RunBackup } from "#core/model/run.ts";
import type { RetentionRule } from "#core/retention/retention-rule.ts";
import type { Clock, ReportProgress } from "#core/ports.ts";
import type { BackupKeys } from "#keys/backup-keys.ts";
import { readBack } from "../backup/read-back.ts";
import type { OpenLocationById } from "../open-location-port.ts";
import type { PruneScope } from "../prune/decide-prune.ts";
import { pruneLocation, type PruneReport } from "../prune/prune-location.ts";
import type { StartTimer } from "../runs/run-tools.ts";
import type { StepContext, StepHandlers } from "../runs/step-handler.ts";
import type { ConversionTools } from "./convert-copy.ts";
import { deliverBackup, type Arrival } from "./deliver-backup.ts";
import { settleCopy, type SettleOptions } from "./settle-copy.ts";
import { fromAnySource } from "./from-any-source.ts";

/** A rule at a location, and what a person has agreed to beforehand. */
export interface RuleAtLocation {
  readonly rule: RetentionRule;
  readonly scope: PruneScope;
  /** Token of a stop (see `PrunePlan`). */
  readonly confirmed: string | undefined;
}

export interface CopyStepsOrder {
  /** The backup that the run is about; asked for when a step needs it. */
  readonly backup: () => RunBackup;
  /** Ids of the locations that may have a copy to deliver from, likeliest first. */
  readonly sources: readonly string[];
  /** What opens an archive; undefined if it is not encrypted. */
  readonly keysOf: (archive: OpenArchive) => Promise<BackupKeys | undefined>;
  /** What an archive is encrypted with at a location that wants it so; undefined if there is no key. */
  readonly newKeys: ConversionTools["newKeys"];
  readonly openPool: ConversionTools["openPool"];
  readonly openSpool: ConversionTools["openSpool"];
  /** Rules by location. */
  readonly rules: ReadonlyMap<string, RuleAtLocation>;
  /** Id of this installation. */
  readonly installation: string;
  readonly openLocation: OpenLocationById;
  readonly clock: Clock;
  readonly startTimer: StartTimer;
  readonly report: ReportProgress;
}

type Bringing = Pick<SettleOptions, "to" | "report" | "log" | "signal">;

/** The steps of a run behind the making: each is about one location and knows it by its id. */
export class CopySteps {
  readonly handlers: StepHandlers = {
    deliver: (context) => this.#deliver(context),
    verify: (context) => this.#verify(context),
    prune: (context) => this.#prune(context),
  };
  /** What came of the steps, by location. */
  readonly arrivals = new Map<string, Arrival>();
  readonly verified = new Map<string, VerifyReport>();
  readonly pruned = new Map<string, PruneReport>();
  readonly #order: CopyStepsOrder;
  readonly #made = new Set<string>();
  #verifyMs = 0;

  constructor(order: CopyStepsOrder) {
    this.#order = order;
  }

  /** Milliseconds that reading back took, at all locations together. */
  get verifyMs(): number {
    return this.#verifyMs;
  }

  /** Tells that this process has just made the archive there. */
  wasMadeAt(location: string): void {
    this.#made.add(location);
  }

  /** True if what is there was put there by this process. */
  isNewAt(location: string): boolean {
    return this.#made.has(location) || this.arrivals.get(location) === "copied";
  }

  async #deliver({ step, signal, report, log }: StepContext): Promise<void> {
    const { clock, startTimer, openLocation } = this.#order;
    const told = this.#told(report);
    const to = await openLocation(step.location, signal);
    const bringing = { to, clock, startTimer, report: told, log, signal };
    await this.#bring(step.location, bringing);
    await settleCopy(this.#order.backup(), { ...bringing, isNew: this.isNewAt(step.location) });
  }

  /** What is there and has yet to go on from there is not sent again, nor compared with what was sent. */
  async #bring(location: string, { to, report, log, signal }: Bringing): Promise<void> {
    const { backup, sources, openLocation } = this.#order;
    if (this.#made.has(location)) {
      log("It was made there together with the others");
      return;
    }
    const others = sources.filter((source) => source !== location);
    if (to.settles && (others.length === 0 || this.isNewAt(location))) return;
    const arrival = await fromAnySource(others, { openLocation, log, signal }, (from) =>
      deliverBackup(backup(), { ...this.#order, from, to, report, log, signal }),
    );
    // Once copied by this run it stays new, also if a later attempt finds it there.
    if (!this.isNewAt(location)) this.arrivals.set(location, arrival);
    if (arrival === "was-there") log("The same backup was there already");
  }

  async #verify({ step, signal, report }: StepContext): Promise<void> {
    const { backup, keysOf, openLocation, clock } = this.#order;
    const location = await openLocation(step.location, signal);
    const started = clock.now();
    const options = { location, keysOf, isNew: this.isNewAt(location.id), clock, signal };
    const verified = await readBack(backup(), { ...options, report: this.#told(report) });
    this.#verifyMs += clock.now() - started;
    this.verified.set(step.location, verified);
  }

  async #prune({ step, signal, report, log }: StepContext): Promise<void> {
    const { rules, installation, openLocation, clock } = this.#order;
    const rule = rules.get(step.location);
    // The rule was taken away since the run began: then everything is kept.
    if (rule === undefined) return;
    const location = await openLocation(step.location, signal);
    const told = this.#told(report);
    const order = { ...rule, location, installation, clock, report: told, log, signal };
    this.pruned.set(step.location, await pruneLocation(order));
  }

  #told(report: ReportProgress): ReportProgress {
    return (progress) => {
      this.#order.report(progress);
      report(progress);
    };
  }
}
