const minute = 60_000;
const longest = 6 * 60 * minute;

/**
 * Pause before a failed run is tried again, in milliseconds: 10 minutes after the first failure, then
 * twice as much each time, six hours at most.
 * @param failures how many runs in a row have failed, at least 1
 */
export function retryPause(failures: number): number {
  return Math.min(longest, 10 * minute * 2 ** (failures - 1));
}
