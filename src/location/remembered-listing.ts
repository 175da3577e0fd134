import type { LocationListing } from "./backup-at-location.ts";
import type { Catalogue, Place } from "./catalogue-port.ts";
import { listingOf } from "./listing.ts";

/** A location as it was when it was last seen. */
export interface RememberedListing extends LocationListing {
  /** Time of the last look at everything there, in milliseconds since 1970; undefined if there was none. */
  readonly lookedAt: number | undefined;
}

/** What is remembered of a location, from the catalogue alone: nobody asks the place. */
export async function rememberedListing(
  catalogue: Catalogue,
  place: Place,
): Promise<RememberedListing> {
  const lookedAt = await catalogue.lastLook(place);
  const entries = await catalogue.entries(place);
  let listing = listings.get(entries);
  if (listing === undefined) {
    listing = listingOf(place.location, Array.from(entries.values()));
    listings.set(entries, listing);
  }
  return { ...listing, lookedAt };
}

/** Of entries that nobody has changed since: thousands of them are listed again and again. */
const listings = new WeakMap<Awaited<ReturnType<Catalogue["entries"]>>, LocationListing>();
