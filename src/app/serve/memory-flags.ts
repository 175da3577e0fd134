/**
 * What V8 is told where runs are carried out; `bin/safehouse.js` tells it the same. What passes through lies outside of the
 * heap. V8 would let the few young objects in it take 48 MB, and would go through all of it for every 30 MB that have passed,
 * which took a third of the time of a fast network place.
 */
export const memoryFlags = ["--max-semi-space-size=2", "--initial-old-space-size=96"] as const;
