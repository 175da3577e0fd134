const day = 24 * 60 * 60_000;

/**
 * Milliseconds until people are reminded of an alert that goes on: a day, then two, then four, and from then on
 * a week each time.
 * @param told how often they were told of it, at least 1
 */
export function reminderPause(told: number): number {
  return Math.min(7, 2 ** (told - 1)) * day;
}
