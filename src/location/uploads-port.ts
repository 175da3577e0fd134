import type { Place } from "./catalogue-port.ts";

/** Remembers how unfinished uploads go on, over restarts. A cache: an upload of which nothing is known begins anew. */
export interface Uploads {
  /** What was last kept of the upload of a key; undefined if nothing was. */
  read(place: Place, key: string): Promise<string | undefined>;
  keep(place: Place, key: string, state: string): Promise<void>;
  forget(place: Place, key: string): Promise<void>;
}
