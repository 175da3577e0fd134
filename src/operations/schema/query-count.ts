import {
  integer,
  maxValue,
  minValue,
  number,
  pipe,
  regex,
  string,
  transform,
  union,
} from "valibot";

/** A whole number of a range, also as the text that stands in a query. */
export function queryCount(least: number, most: number) {
  const count = pipe(number(), integer(), minValue(least), maxValue(most));
  const text = pipe(
    string(),
    regex(/^\d{1,9}$/),
    transform(Number),
    minValue(least),
    maxValue(most),
  );
  return union([count, text]);
}
