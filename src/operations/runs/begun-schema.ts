import { object, string } from "valibot";

/** What is answered when a run has begun: its id. */
export const begunSchema = object({ run: string() });
