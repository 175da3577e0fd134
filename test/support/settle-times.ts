import { lstatSync, lutimesSync, readdirSync, utimesSync } from "node:fs";

/**
 * Gives everything below a folder, and the folder itself, times of its own: whole milliseconds in the
 * past, so that every way of writing a time gives the same one.
 * @param start seconds since 1970
 */
export function settleTimes(root: string, start = 1_600_000_000): void {
  settle(Buffer.from(root), { next: start + 0.125 });
}

function settle(place: Buffer, clock: { next: number }): void {
  const facts = lstatSync(place);
  if (facts.isDirectory()) {
    const names = readdirSync(place, { encoding: "buffer" }).toSorted((a, b) => a.compare(b));
    for (const name of names) settle(Buffer.concat([place, Buffer.from("/"), name]), clock);
  }
  const time = clock.next;
  clock.next += 60.25;
  if (facts.isSymbolicLink()) lutimesSync(place, time, time);
  else utimesSync(place, time, time);
}
