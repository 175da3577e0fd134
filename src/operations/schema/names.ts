import { maxLength, minLength, pipe, regex, string } from "valibot";

/** Slug or file name of a backup; never a path. */
export const backupReference = pipe(string(), minLength(1), maxLength(255), regex(/^[^/\\\0]+$/u));

/** Name of a new archive's file; never a path. */
export const archiveName = pipe(string(), maxLength(255), regex(/^[^/\\\0]+\.tar$/u));

/** Id of a location; never a path. */
export const locationId = pipe(string(), maxLength(64), regex(/^[a-z0-9_-]+$/));

/** Id of a location that there should be; anything else is simply not found, and never a path. */
export const locationReference = pipe(string(), minLength(1), maxLength(64), regex(/^[^/\\\0]+$/u));

/** Id of a run, 32 hexadecimal digits, or how it begins; anything else is simply not found. */
export const runReference = pipe(string(), minLength(1), maxLength(64), regex(/^[^/\\\0]+$/u));

/** Password or encryption key, dashes included. */
export const password = pipe(string(), minLength(1), maxLength(1024));

/** A sentence or a name. */
export const shortText = pipe(string(), minLength(1), maxLength(255));
