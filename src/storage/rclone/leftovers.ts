import { lifeOf, thisProcess } from "../owner.ts";
import type { Leftover, StoredObject } from "../provider.ts";
import { ownerOfTemporaryName, temporaryName } from "../temporary-name.ts";
import type { RcloneRemote } from "./remote.ts";

/**
 * Removes temporary objects of dead processes of this machine, and those of others that nothing was written to for a day,
 * by the place's own clock.
 */
export async function removeLeftoversAt(
  remote: RcloneRemote,
  signal: AbortSignal,
): Promise<readonly Leftover[]> {
  const observer = thisProcess();
  const dead: StoredObject[] = [];
  const strange: StoredObject[] = [];
  for (const folder of ["", ".safehouse/"]) {
    for (const object of await remote.list(folder, signal)) {
      const owner = ownerOfTemporaryName(object.key.slice(folder.length));
      // The place may be shared, so another boot may also be another machine.
      const life = owner === undefined ? "alive" : lifeOf(owner, observer, false);
      if (life === "dead") dead.push(object);
      if (life === "unknown") strange.push(object);
    }
  }
  if (strange.length > 0) {
    const now = await timeAt(remote, signal);
    dead.push(...strange.filter(({ modifiedAt }) => now - modifiedAt > silenceInMs));
  }
  for (const { key } of dead) await remote.remove(key, signal);
  return dead.map(({ key, size }) => ({ key, size }));
}

const silenceInMs = 24 * 3_600_000;

/** Milliseconds since 1970 as the place counts them: its clock may be wrong. */
async function timeAt(remote: RcloneRemote, signal: AbortSignal): Promise<number> {
  const key = temporaryName(thisProcess());
  try {
    await remote.writeSmall(key, Buffer.from("?"), signal);
    return (await remote.stat(key, signal)).modifiedAt;
  } finally {
    await remote.discard(key);
  }
}
