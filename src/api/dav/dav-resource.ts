/** A folder or a file as WebDAV shows it. */
export interface DavResource {
  /** Names below the root of the collection; empty for the root itself. */
  readonly path: readonly string[];
  readonly isFolder: boolean;
  /** Bytes; undefined for a folder. */
  readonly size?: number | undefined;
  /** Milliseconds since 1970; undefined if not known. */
  readonly modifiedAt?: number | undefined;
  /** With its quotation marks, as HTTP has it. */
  readonly etag?: string | undefined;
  readonly contentType?: string | undefined;
  /** Room for more (RFC 4331); undefined where nobody asks or it is not known. */
  readonly quota?: DavQuota | undefined;
  /** Properties that a client has set. */
  readonly ownProperties?: readonly DavProperty[];
}

/** Bytes. */
export interface DavQuota {
  readonly available: number | undefined;
  readonly used: number;
}

/** A name of a property; an empty namespace for none. */
export interface DavName {
  readonly namespace: string;
  readonly name: string;
}

/** A property that is a text. */
export interface DavProperty extends DavName {
  readonly value: string;
}
