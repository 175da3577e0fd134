import { array, pipe, readonly, type GenericSchema } from "valibot";

/** A list that nobody changes. */
export function listOf<Item extends GenericSchema>(item: Item) {
  return pipe(array(item), readonly());
}
