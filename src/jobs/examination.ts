import { SafehouseError } from "#core/model/problem.ts";
import { asSafehouseError } from "#storage/errors.ts";

/** What looking at one thing came to. */
export interface Finding {
  /** What was looked at: `home`, `location nas` … */
  readonly about: string;
  readonly state: "ok" | "warning" | "failed";
  /** One sentence. */
  readonly message: string;
  /** What to do next, as a sentence without full stop; undefined if there is nothing to do. */
  readonly advice: string | undefined;
}

/** What is found at one thing, without saying which. */
export type Found = Omit<Finding, "about">;

/** Looks at one thing. What it rejects with is what was found; a fault of this program is not caught. */
export async function examine(
  about: string,
  look: () => Promise<readonly Found[]>,
): Promise<readonly Finding[]> {
  try {
    return (await look()).map((found) => ({ about, ...found }));
  } catch (error) {
    const known = asSafehouseError(error);
    if (!(known instanceof SafehouseError)) throw error;
    return [{ about, state: "failed", message: known.message, advice: known.advice }];
  }
}
