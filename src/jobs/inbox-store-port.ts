import type { Problem } from "#core/model/problem.ts";

/** What lies in the inbox, as whoever put it there sees it. Nothing here holds the bytes of an archive. */
export type InboxRecord = InboxFolder | InboxDocument | InboxArchive;

/** Where something lies. No two records have the same. */
export interface InboxPlace {
  /**
   * Name of the token that it came with. Each name has an inbox to itself, so that homes neither see nor remove what is of
   * others, and a new token of the same name goes on with it.
   */
  readonly sender: string;
  /** Names, from the inbox down; none has a `/` in it. */
  readonly path: readonly string[];
}

interface InboxItem extends InboxPlace {
  /** 32 hexadecimal digits, drawn by lot when it came: what came later under the same name has another. */
  readonly id: string;
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
}

export interface InboxFolder extends InboxItem {
  readonly kind: "folder";
}

/** What a sender writes about an archive, such as the `.metadata.json` of Home Assistant. */
export interface InboxDocument extends InboxItem {
  readonly kind: "document";
  readonly text: string;
  /** Properties that the sender has set by WebDAV. */
  readonly properties: readonly InboxProperty[];
}

export interface InboxProperty {
  readonly namespace: string;
  readonly name: string;
  readonly value: string;
}

export interface InboxArchive extends InboxItem {
  readonly kind: "archive";
  /** Bytes. */
  readonly size: number;
  /** Id of the location at which its bytes are. */
  readonly location: string;
  readonly state: InboxArchiveState;
}

export type InboxArchiveState =
  /** It is an archive of the location, under this name. It stays there when the record goes. */
  | { readonly kind: "backup"; readonly slug: string; readonly file: string }
  /** It is set aside under its id, because it is no backup that could be kept. It goes with the record. */
  | { readonly kind: "aside"; readonly problem: Problem; readonly message: string };

/** The records of the inbox of one home, on stable storage. */
export interface InboxStore {
  /** Sorted by sender and path. What cannot be read is left out, and told to whoever opened the store. */
  list(): Promise<readonly InboxRecord[]>;
  /** Keeps a record in place of the one that lies there. Rejects with `no-space` and `denied`. */
  put(record: InboxRecord): Promise<void>;
  /** Removing what is already gone succeeds. */
  remove(place: InboxPlace): Promise<void>;
}
