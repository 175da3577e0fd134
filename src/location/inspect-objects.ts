import type { AgentLayout } from "#core/location/agent-layout.ts";
import type { ByteSource, Clock } from "#core/ports.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { Problem } from "#core/model/problem.ts";
import { StorageError } from "#storage/errors.ts";
import type { StorageProvider, StoredObject } from "#storage/provider.ts";
import type { ArchiveFacts } from "./archive-facts.ts";
import type { Catalogue, CatalogueEntry, Inspection, Place } from "./catalogue-port.ts";
import { isArchiveKey } from "./backup-files.ts";
import { mapBounded } from "./map-bounded.ts";
import type { Uploads } from "./uploads-port.ts";
import { readNotesIn } from "./sidecars.ts";

/**
 * Reads headers and `backup.json` of an archive. Rejects with a `SafehouseError` if they cannot be
 * read; `not-a-backup` for a file that is something else.
 */
export type Inspect = (source: ByteSource) => Promise<ArchiveFacts>;

export interface InspectionTools {
  readonly storage: StorageProvider;
  readonly place: Place;
  readonly catalogue: Catalogue;
  readonly uploads: Uploads;
  readonly inspect: Inspect;
  readonly clock: Clock;
  /** Archives here are to be encrypted, or not; undefined for no rule. */
  readonly isProtected?: boolean | undefined;
  /** How Home Assistant's own agent for such a place knows archives; undefined where it needs nothing beside them. */
  readonly agentLayout?: AgentLayout | undefined;
}

export interface InspectedObject {
  readonly object: StoredObject;
  readonly inspection: Inspection;
  /**
   * What becomes of it in the catalogue. `known`: it is there. `keep`: until the object changes. `look-again`:
   * it is listed from there, but not believed. `pass`: nothing, for it says more of the way than of the object.
   */
  readonly memory: "known" | "keep" | "look-again" | "pass";
}

/**
 * What each object is, from the catalogue as far as it has not changed since. Objects that vanish
 * meanwhile are left out. The objects are all there are: what is remembered of others is forgotten.
 */
export async function inspectObjects(
  tools: InspectionTools,
  objects: readonly StoredObject[],
  signal: AbortSignal,
): Promise<readonly InspectedObject[]> {
  const known = await tools.catalogue.entries(tools.place);
  const results = await mapBounded(objects, inspectionsAtOnce, async (object) => {
    const entry = known.get(object.key);
    if (entry?.settled !== true || entry.object.version !== object.version)
      return inspectObject(tools, object, signal);
    return { object, inspection: entry.inspection, memory: "known" } as const;
  });
  const inspected = results.filter((result) => result !== undefined);
  await remember(tools, known, inspected);
  return inspected;
}

const inspectionsAtOnce = 8;

async function inspectObject(
  tools: InspectionTools,
  object: StoredObject,
  signal: AbortSignal,
): Promise<InspectedObject | undefined> {
  signal.throwIfAborted();
  try {
    const source = await tools.storage.open(object.key, signal);
    try {
      const inspection = await inspectionOf(tools, object.key, source);
      return { object, inspection, memory: memoryOf(object, tools.clock.now()) };
    } finally {
      await source.close();
    }
  } catch (error) {
    if (error instanceof StorageError && error.problem === "not-found") return undefined;
    const now = tools.clock.now();
    const memory = memoryOf(object, now);
    if (!isArchiveKey(object.key) && error instanceof SafehouseError)
      return { object, inspection: { kind: "notes" }, memory };
    const result = { object, ...afterFailure(error, memory) };
    return isFresh(object, now) ? asGrowing(result) : result;
  }
}

async function inspectionOf(
  tools: InspectionTools,
  key: string,
  source: ByteSource,
): Promise<Inspection> {
  if (isArchiveKey(key)) return { kind: "archive", facts: await tools.inspect(source) };
  return { kind: "notes", notes: await readNotesIn(source, key) };
}

/**
 * One bad archive must not hide the others. What lies in the bytes is remembered; what lies in the way
 * to this one object is told but not remembered; a place that is away is thrown.
 */
function afterFailure(
  error: unknown,
  memory: InspectedObject["memory"],
): Omit<InspectedObject, "object"> {
  if (error instanceof SafehouseError && lastingProblems.has(error.problem)) {
    const kind = error.problem === "not-a-backup" ? "other" : "damaged";
    const reason = { problem: error.problem, message: error.message };
    return { inspection: { kind, reason }, memory };
  }
  if (!(error instanceof StorageError) || error.worthRetrying) throw error;
  const problem = error.problem === "denied" ? "denied" : "damaged";
  const reason = { problem, message: error.message } as const;
  return { inspection: { kind: "damaged", reason }, memory: "pass" };
}

/**
 * What cannot be read and was written to moments ago may still be growing under its name, as a file explorer copies it: it
 * is looked at again and not called damaged before it has come to rest.
 */
function asGrowing({ object, inspection, memory }: InspectedObject): InspectedObject {
  if (inspection.kind !== "damaged" || memory === "pass") return { object, inspection, memory };
  const message = `It is still being written, or ends too early: ${inspection.reason.message}`;
  return {
    object,
    inspection: { kind: "damaged", reason: { problem: "busy", message } },
    memory: "look-again",
  };
}

function isFresh({ modifiedAt }: StoredObject, now: number): boolean {
  return Math.abs(now - modifiedAt) < comesToRestInMs;
}

/** A copy that stalls for longer is taken for damaged until it goes on. */
const comesToRestInMs = 60_000;

/** Problems that lie in the bytes and not in the way to them. */
const lastingProblems: ReadonlySet<Problem> = new Set<Problem>([
  "damaged",
  "truncated",
  "not-a-backup",
  "unknown-version",
  "unsupported",
]);

async function remember(
  tools: InspectionTools,
  known: ReadonlyMap<string, CatalogueEntry>,
  inspected: readonly InspectedObject[],
): Promise<void> {
  const present = new Set(inspected.map(({ object }) => object.key));
  const forget = [...known.keys()].filter((key) => !present.has(key));
  const save = inspected
    .filter(({ memory }) => memory === "keep" || memory === "look-again")
    .map(({ object, inspection, memory }) => ({ object, inspection, settled: memory === "keep" }));
  try {
    await tools.catalogue.update(tools.place, { save, forget, lookedAt: tools.clock.now() });
  } catch (error) {
    // On a full disk nothing is spared the next time; what was seen now is as good as ever.
    if (!(error instanceof SafehouseError)) throw error;
  }
}

/**
 * A file that changed a moment ago may change again without a trace: times on FAT count in steps of
 * two seconds. So what is known of it does not count yet.
 */
function memoryOf(object: StoredObject, now: number): "keep" | "look-again" {
  return Math.abs(now - object.modifiedAt) > 3000 ? "keep" : "look-again";
}
