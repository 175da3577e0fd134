/** How often a test repeats what is left to chance: `SAFEHOUSE_TEST_LOOPS` times the given number. */
export function loops(count: number): number {
  return Math.round(count * Number(process.env["SAFEHOUSE_TEST_LOOPS"] ?? 1));
}
