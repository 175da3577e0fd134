/** A field of a header block. */
export interface TarField {
  readonly start: number;
  readonly length: number;
}

/** Where the fields of a header block are (IEEE 1003.1, pax, "ustar Interchange Format"). */
export const ustar = {
  name: { start: 0, length: 100 },
  mode: { start: 100, length: 8 },
  uid: { start: 108, length: 8 },
  gid: { start: 116, length: 8 },
  size: { start: 124, length: 12 },
  mtime: { start: 136, length: 12 },
  checksum: { start: 148, length: 8 },
  type: 156,
  linkName: { start: 157, length: 100 },
  magic: 257,
  uname: { start: 265, length: 32 },
  gname: { start: 297, length: 32 },
  prefix: { start: 345, length: 155 },
} as const;
