import { boolean, maxLength, minLength, optional, pipe, strictObject, string } from "valibot";
import { backupReference, givenId, password, shortText } from "#operations/schema/names.ts";
import { queryFlag } from "#operations/schema/query-flag.ts";

export const downloadInput = strictObject({
  backup: backupReference,
  location: optional(givenId),
  decrypt: optional(queryFlag, false),
});

export const downloadByPasswordInput = strictObject({
  backup: backupReference,
  location: optional(givenId),
  decrypt: optional(boolean(), false),
  password: optional(password),
});

const fileEntries = {
  backup: backupReference,
  location: optional(givenId),
  part: shortText,
  path: pipe(string(), minLength(1), maxLength(4096)),
};
export const fileInput = strictObject(fileEntries);
export const fileByPasswordInput = strictObject({ ...fileEntries, password: optional(password) });

const folderEntries = {
  backup: backupReference,
  location: optional(givenId),
  part: shortText,
  folder: optional(pipe(string(), maxLength(4096)), ""),
};
export const folderInput = strictObject(folderEntries);
export const folderByPasswordInput = strictObject({
  ...folderEntries,
  password: optional(password),
});
