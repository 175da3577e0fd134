import { readChecked } from "#archive/verify/check-against-index.ts";
import type { InnerArchive } from "#archive/read/open-archive.ts";
import type { EntryNote, PartEvent, PartEvents } from "#core/model/part-event.ts";
import { partName } from "#core/model/part.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { matchesAny } from "#core/rules/matches-any.ts";
import type { ReportProgress } from "#core/ports.ts";
import type { ArchiveTools } from "./archive-tools.ts";
import { findInner, type ArchiveFile } from "./open-archive-file.ts";

export interface ExtractOptions {
  /** Joins a directory and a name as this machine writes paths. */
  readonly join: (directory: string, name: string) => string;
  readonly to: string;
  /** Only these parts; all of them when empty. */
  readonly parts: readonly string[];
  /** Only entries whose path inside the part matches one of these globs; all when empty. */
  readonly paths: readonly string[];
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

export interface ExtractedPart {
  readonly part: string;
  readonly directory: string;
  readonly files: number;
  readonly bytes: number;
  readonly notes: readonly EntryNote[];
  /** Why the part is not complete; undefined if it is. */
  readonly error: SafehouseError | undefined;
}

/**
 * Writes each part to `to/<name of its inner archive>/`. A damaged part keeps what could be read of it
 * and does not keep the others from being extracted.
 */
export async function extractArchive(
  file: ArchiveFile,
  tools: ArchiveTools,
  options: ExtractOptions,
): Promise<readonly ExtractedPart[]> {
  const { archive } = file;
  const wanted =
    options.parts.length === 0
      ? archive.inner
      : options.parts.map((name) => findInner(archive, name));
  const extracted: ExtractedPart[] = [];
  for (const inner of wanted) extracted.push(await extractPart(file, inner, { tools, options }));
  return extracted;
}

async function extractPart(
  file: ArchiveFile,
  inner: InnerArchive,
  { tools, options }: { readonly tools: ArchiveTools; readonly options: ExtractOptions },
): Promise<ExtractedPart> {
  const directory = options.join(options.to, inner.name);
  let error: SafehouseError | undefined;
  const differing: EntryNote[] = [];
  const keep = (damage: SafehouseError): void => {
    error ??= damage;
  };
  // A file that is not what was backed up is written all the same, and told.
  const tell = (difference: SafehouseError): void => {
    keep(difference);
    const { subject: path = "", message } = difference;
    if (differing.length < mostNotes) differing.push({ path, problem: "unreadable", message });
  };
  options.signal.throwIfAborted();
  const { keys, index } = file;
  const checked = readChecked(file.archive, inner, { keys, index, tell });
  const events = untilDamage(checked, keep);
  const wanted = options.paths.length === 0 ? events : onlyMatching(events, options.paths);
  const written = await tools.writeTree(directory, told(wanted, inner, options), options.signal);
  return {
    part: partName(inner.part),
    directory,
    ...written,
    notes: [...written.notes, ...differing],
    error,
  };
}

const mostNotes = 1000;

/**
 * Ends the stream at damage instead of throwing it. The file at hand ends there too: what it still needs is
 * not made up, for a few bytes can claim to be the beginning of a petabyte.
 */
async function* untilDamage(events: PartEvents, keep: (error: SafehouseError) => void): PartEvents {
  try {
    yield* events;
  } catch (error) {
    if (!(error instanceof SafehouseError) || error.problem === "cancelled") throw error;
    keep(error);
  }
}

async function* onlyMatching(events: PartEvents, globs: readonly string[]): PartEvents {
  const matches = matchesAny(globs);
  let wanted = false;
  for await (const batch of events) {
    const kept: PartEvent[] = [];
    for (const event of batch) {
      if (event.kind === "entry") wanted = matches(event.entry.path);
      if (event.kind === "note" || wanted) kept.push(event);
    }
    yield kept;
  }
}

async function* told(
  events: PartEvents,
  inner: InnerArchive,
  { report, signal }: ExtractOptions,
): PartEvents {
  let bytes = 0;
  for await (const batch of events) {
    signal.throwIfAborted();
    for (const event of batch) if (event.kind === "data") bytes += event.bytes.length;
    report({ step: "extract", part: inner.name, bytes });
    yield batch;
  }
}
