import type { Arrival, SeenArchive } from "./arrival.ts";

/** A file that has not changed for so long is whole. */
const restsAfterMs = 30_000;

/**
 * What becomes of the archives at a location by a look at it, by file. What was there at the first look of all stays as
 * it is, so that nobody's old backups are read and copied around because a server starts. What changes has arrived anew.
 *
 * • What may still grow is left alone. • What is gone is forgotten. • Nothing is begun twice.
 *
 * @param before undefined at the first look
 */
export function advanceArrivals(
  before: ReadonlyMap<string, Arrival> | undefined,
  seen: readonly SeenArchive[],
  now: number,
): ReadonlyMap<string, Arrival> {
  return new Map(
    seen.map((archive) => {
      const known = before?.get(archive.file);
      if (known === undefined || known.version !== archive.version)
        return [archive.file, firstSeen(archive, now, before === undefined)];
      return [archive.file, known.state === "growing" ? comeToRest(known, archive, now) : known];
    }),
  );
}

function firstSeen(archive: SeenArchive, now: number, isFirstLook: boolean): Arrival {
  const { file, version, isOwn, isRead, cameWhole } = archive;
  const isNobodysConcern = isOwn || isRead || (isFirstLook && !cameWhole);
  const state = isNobodysConcern ? "known" : cameWhole ? "unchecked" : "growing";
  const nothing = { waiting: [], attempts: 0, nextAt: 0, message: undefined };
  return { file, version, since: now, state, ...nothing };
}

function comeToRest(
  arrival: Arrival,
  { modifiedAt, problem, isOwn, isRead }: SeenArchive,
  now: number,
): Arrival {
  if (isOwn || isRead) return { ...arrival, state: "known" };
  const isStill = now - arrival.since >= restsAfterMs && Math.abs(now - modifiedAt) >= restsAfterMs;
  if (!isStill) return arrival;
  return problem === undefined
    ? { ...arrival, state: "unchecked" }
    : { ...arrival, state: "failed", message: problem };
}
