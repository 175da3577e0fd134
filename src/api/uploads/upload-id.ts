import { randomBytes } from "node:crypto";

const pattern = /^[0-9a-f]{32}(?:\.([a-z0-9_-]{1,64}))?$/;

/** Names a resumable upload and its file, and the location that it is meant for: it is asked for after a restart. */
export function newUploadId(location: string | undefined): string {
  const random = randomBytes(16).toString("hex");
  return location === undefined ? random : `${random}.${location}`;
}

/** The location that an upload is meant for, undefined for the default one; undefined for what is no such id. */
export function parseUploadId(id: string): { readonly location: string | undefined } | undefined {
  const match = pattern.exec(id);
  return match === null ? undefined : { location: match[1] };
}
