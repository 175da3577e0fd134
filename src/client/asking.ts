import type { PlaceFlags } from "#operations/services.ts";
import type { PersonAtTerminal } from "#operations/home-context.ts";

/** What a command says besides the input of what it asks for: where, and as whom. */
export interface Asking extends Pick<
  PersonAtTerminal,
  "passwords" | "places" | "service" | "waitsFor"
> {
  readonly flags: PlaceFlags;
}
