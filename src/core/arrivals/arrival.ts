/** What is known of an archive that appeared at a location and was not made by this home. Times are milliseconds since 1970. */
export interface Arrival {
  /** Its name at the location. */
  readonly file: string;
  /** Of the file; another one means that its bytes may be others. */
  readonly version: string;
  /** When it was first seen in this version. */
  readonly since: number;
  readonly state: ArrivalState;
  /** Ids of the locations that still have to get a copy. */
  readonly waiting: readonly string[];
  /** How often what comes next was tried, and failed. */
  readonly attempts: number;
  /** It is tried again from then on. */
  readonly nextAt: number;
  /** What went wrong, for people; undefined for nothing. */
  readonly message: string | undefined;
}

export type ArrivalState =
  /** It was there before anybody looked, is the home's own, or was read by somebody already. */
  | "known"
  /** It may still grow. */
  | "growing"
  /** It is whole, and has to be read. */
  | "unchecked"
  /** It was read, and has to be delivered on. */
  | "undelivered"
  | "done"
  /** Nothing more is tried. */
  | "failed";

/** An archive as a look at the location has seen it. */
export interface SeenArchive {
  readonly file: string;
  readonly version: string;
  /** As the place tells it, in milliseconds since 1970. */
  readonly modifiedAt: number;
  /** This home made it. */
  readonly isOwn: boolean;
  /** The notes beside it say that it was read. */
  readonly isRead: boolean;
  /** It came whole, and nobody writes to it any more. */
  readonly cameWhole: boolean;
  /** Why it cannot even be read as far as its name; undefined if it can. */
  readonly problem: string | undefined;
}
