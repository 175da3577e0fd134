import {
  array,
  check,
  custom,
  nullable,
  pipe,
  string,
  transform,
  union,
  type GenericSchema,
} from "valibot";
import { locationNameOf, type LocationName } from "../location-name.ts";

/** A text. */
export const text = string("expected str");

/** True or false, also in the words that the Supervisor takes for them. */
export const flag = pipe(
  custom<boolean | number | string>((value) => asFlag(value) !== undefined, "expected boolean"),
  transform((value) => asFlag(value) === true),
);

const wordsForTrue: readonly unknown[] = [true, 1, "1", "true", "yes", "on", "enable"];
const wordsForFalse: readonly unknown[] = [false, 0, "0", "false", "no", "off", "disable"];

function asFlag(value: unknown): boolean | undefined {
  const word = typeof value === "string" ? value.toLowerCase() : value;
  if (wordsForTrue.includes(word)) return true;
  return wordsForFalse.includes(word) ? false : undefined;
}

/** A list in which nothing occurs twice. */
export function uniqueList<T>(item: GenericSchema<unknown, T>) {
  return pipe(
    array(item, "expected a list"),
    check((items) => new Set(items).size === items.length, "contains duplicate items"),
  );
}

/** `null` or a name. */
export const location = pipe(nullable(text), transform(locationNameOf));

/** One location or a list of them. */
export const locations = pipe(
  union(
    [
      pipe(
        location,
        transform((name): LocationName[] => [name]),
      ),
      uniqueList(location),
    ],
    "expected a location or a list of different locations",
  ),
);
