import { SafehouseError } from "#core/model/problem.ts";
import type { RingKey } from "./key-ring-port.ts";

const mostNamed = 3;

/**
 * Refuses to remove a key that backups need.
 * @param files of the backups that it opens
 * @throws SafehouseError `confirmation-needed`
 */
export function refuseNeeded({ id }: RingKey, files: readonly string[], location: string): void {
  if (files.length === 0) return;
  const count = files.length === 1 ? "1 backup needs" : `${files.length} backups need`;
  const named = files.slice(0, mostNamed).join(", ");
  const rest = files.length > mostNamed ? ` and ${files.length - mostNamed} more` : "";
  const message = `${count} key ${id} at ${location}: ${named}${rest}`;
  throw new SafehouseError("confirmation-needed", message, {
    subject: id,
    facts: { backups: files.length },
  });
}
