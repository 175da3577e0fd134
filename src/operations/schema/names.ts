import { maxLength, minLength, pipe, regex, string } from "valibot";

const noPath = /^[^/\\\0]+$/u;

/** Slug or file name of a backup; never a path. */
export const backupReference = pipe(
  string(),
  minLength(1),
  maxLength(255),
  regex(noPath, "a slug or the name of a file, and no path"),
);

/** Name of a new archive's file; never a path. */
export const archiveName = pipe(string(), maxLength(255), regex(/^[^/\\\0]+\.tar$/u));

/** Id that a person gives to a location, a plan or a channel; never a path. */
export const givenId = pipe(string(), maxLength(64), regex(/^[a-z0-9_-]+$/));

/**
 * Id of what there should be; one that there is not is simply not found. Of a run how it begins will do, of a damaged
 * plan its place in the list.
 */
export const idReference = pipe(
  string(),
  minLength(1),
  maxLength(64),
  regex(noPath, "an id, and no path"),
);

/** Password or encryption key, dashes included. */
export const password = pipe(string(), minLength(1), maxLength(1024));

/** A sentence or a name. */
export const shortText = pipe(string(), minLength(1), maxLength(255));
