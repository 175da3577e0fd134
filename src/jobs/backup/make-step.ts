import type { RunBackup } from "#core/model/run.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import { noteOrigin } from "../notes/note-origin.ts";
import type { BackupOrigin } from "../notes/origin.ts";
import type { OpenLocationById } from "../open-location-port.ts";
import { stepErrorOf } from "../runs/step-error.ts";
import type { StepContext } from "../runs/step-handler.ts";
import type { BackupRequest } from "./backup-request.ts";
import { makeBackup, type BackupTools, type MadeBackup } from "./make-backup.ts";

/** What making works with, but for what the run says: where, and whose it is. */
export interface MakeTools {
  readonly backup: Omit<BackupTools, "location" | "origin">;
  readonly openLocation: OpenLocationById;
  /** Keeps restores out while the archive is made. Rejects with `busy`. */
  readonly hold: (signal: AbortSignal) => Promise<AsyncDisposable>;
}

/** The step of a run that makes its archive. */
export class MakeStep {
  readonly #request: BackupRequest;
  readonly #tools: MakeTools;
  readonly #origin: BackupOrigin;
  #made: MadeBackup | undefined;

  /** @param origin whose the backup will be */
  constructor(request: BackupRequest, tools: MakeTools, origin: BackupOrigin) {
    this.#request = request;
    this.#tools = tools;
    this.#origin = origin;
  }

  /** What was made; undefined until it is. */
  get made(): MadeBackup | undefined {
    return this.#made;
  }

  async carryOut(context: StepContext): Promise<void> {
    await using _ = await this.#tools.hold(context.signal);
    const location = await this.#tools.openLocation(context.step.location, context.signal);
    this.#made = await this.#makeWholly(context, location);
    for (const { part, status } of this.#made.parts) {
      if (status === "failed") context.log(`${part} could not be read and is not in the backup`);
      if (status === "warnings") context.log(`Single files of ${part} were left out or fixed up`);
    }
  }

  async #makeWholly(context: StepContext, location: ArchiveLocation): Promise<MadeBackup> {
    let slug: string | undefined;
    const named = async (backup: RunBackup): Promise<void> => {
      ({ slug } = backup);
      await context.name(backup);
    };
    try {
      const made = await makeBackup(this.#request, this.#toolsFor(context, location), named);
      await this.#note(made, context, location);
      return made;
    } catch (error) {
      // The archive may have appeared in the very moment in which its writer was told to stop.
      // Its file may be called like that of another one, its slug is its own.
      if (context.signal.aborted && slug !== undefined) await this.#remove(slug, context, location);
      throw error;
    }
  }

  /** A backup that is whole is worth more than a note about it: without one it is kept for longer. */
  async #note(
    { identity }: MadeBackup,
    { signal, log }: StepContext,
    location: ArchiveLocation,
  ): Promise<void> {
    const origin = this.#origin;
    try {
      await noteOrigin(location, { slug: identity.slug, origin }, signal);
    } catch (error) {
      signal.throwIfAborted();
      log(`It could not be noted whose backup it is: ${stepErrorOf(error).message}`);
    }
  }

  async #remove(slug: string, context: StepContext, location: ArchiveLocation): Promise<void> {
    try {
      await location.remove(slug, new AbortController().signal);
    } catch (error) {
      const { problem, message } = stepErrorOf(error);
      if (problem !== "not-found") context.log(`What was made could not be removed: ${message}`);
    }
  }

  #toolsFor({ signal, report }: StepContext, location: ArchiveLocation): BackupTools {
    const { backup } = this.#tools;
    return {
      ...backup,
      location,
      origin: this.#origin,
      signal,
      report: (progress) => {
        backup.report(progress);
        report(progress);
      },
    };
  }
}
