/** The last work at each location that was asked for. */
const lastAt = new Map<string, Promise<unknown>>();

/** Does work on archives that come to a location one after the other: two of one slug must not pass each other. */
export async function inTurn<Result>(
  location: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const before = lastAt.get(location) ?? Promise.resolve();
  const working = before.then(work);
  const settled = working.then(ignore, ignore);
  lastAt.set(location, settled);
  try {
    return await working;
  } finally {
    if (lastAt.get(location) === settled) lastAt.delete(location);
  }
}

/** How it ended is told to whoever asked for it. */
function ignore(): void {}
