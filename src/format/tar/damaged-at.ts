import { SafehouseError } from "#core/model/problem.ts";

/**
 * The error for bytes that no tar program wrote.
 * @param offset where in the archive, in bytes
 * @param what end of the sentence: what is wrong there
 */
export function damagedAt(offset: number, what: string): SafehouseError {
  const message = `The archive is damaged at byte ${offset}: ${what}`;
  return new SafehouseError("damaged", message, { facts: { offset } });
}
