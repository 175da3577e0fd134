import {
  maxLength,
  number,
  object,
  optional,
  picklist,
  pipe,
  strictObject,
  string,
  type InferOutput,
} from "valibot";
import { findInner } from "#jobs/archive/open-archive-file.ts";
import { listFolder } from "#jobs/archive/list-folder.ts";
import type { HomeContext } from "../home-context.ts";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";
import { backupReference, givenId, password, shortText } from "../schema/names.ts";
import { queryCount } from "../schema/query-count.ts";
import { openFiles, type FilesWish } from "./open-files.ts";

const entries = {
  backup: backupReference,
  location: optional(givenId),
  /** As `listParts` names it. */
  part: shortText,
  folder: optional(pipe(string(), maxLength(4096)), ""),
  search: optional(shortText),
  offset: optional(queryCount(0, 100_000), 0),
  limit: optional(queryCount(1, 1000), 200),
};

const output = object({
  part: string(),
  folder: string(),
  total: number(),
  entries: listOf(
    object({
      name: string(),
      path: string(),
      type: picklist([
        "file",
        "directory",
        "symlink",
        "hardlink",
        "fifo",
        "character-device",
        "block-device",
      ]),
      size: number(),
      files: optional(number()),
      mtime: optional(number()),
      mode: optional(number()),
      linkTarget: optional(string()),
    }),
  ),
});

type Wish = FilesWish & {
  readonly part: string;
  readonly folder: string;
  readonly search?: string | undefined;
  readonly offset: number;
  readonly limit: number;
};

async function list(wish: Wish, context: HomeContext): Promise<InferOutput<typeof output>> {
  await using files = await openFiles(wish, context);
  const { part, search, offset, limit } = wish;
  const { member } = findInner(files.file.archive, part);
  const folder = wish.folder.replace(/^(?:\.?\/)+/, "").replace(/\/+$/, "");
  const { total, rows } = await listFolder(files.index, { member, folder, search, offset, limit });
  return { part, folder, total, entries: rows };
}

/** What is asked of files in a backup. Names are secrets, so both need what may restore. */
const facts = {
  path: "/backups/{backup}/files",
  scope: "restore",
  output,
  run: list,
} as const;

export const listFilesOperation = defineOperation({
  id: "listFiles",
  summary: "List a folder in a part of a backup, or search below it, with a key of the ring",
  method: "get",
  input: strictObject(entries),
  ...facts,
});

export const listFilesByPasswordOperation = defineOperation({
  id: "listFilesByPassword",
  summary: "List a folder in a part of a backup, or search below it, with a password",
  method: "post",
  input: strictObject({ ...entries, password: optional(password) }),
  ...facts,
});
