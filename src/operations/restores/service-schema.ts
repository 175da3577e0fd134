import { boolean, optional } from "valibot";

/**
 * How Home Assistant is kept away from its files. Commands that a shell runs are no part of it: they are
 * set up on the machine, and nobody who can call the API can have any run.
 */
export const serviceEntries = {
  /** Whoever calls says that Home Assistant is stopped. */
  stopped: optional(boolean(), false),
};
