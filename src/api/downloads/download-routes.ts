import { Hono, type Context } from "hono";
import { parseInput } from "#operations/operation.ts";
import type { ApiTools } from "../api-tools.ts";
import { readJsonObject } from "../json-object.ts";
import { downloadArchive } from "./download-archive.ts";
import { downloadFile } from "./download-file.ts";
import { downloadFolder } from "./download-folder.ts";
import { downloadRequestOf } from "./download-request.ts";
import {
  downloadByPasswordInput,
  downloadInput,
  fileByPasswordInput,
  fileInput,
  folderByPasswordInput,
  folderInput,
} from "./download-inputs.ts";

/**
 * Backups and files of them that are fetched: by `GET` with a key of the ring, by `POST` with a password, which must
 * not stand in an address.
 */
export function downloadRoutes({ homeFor, requires }: ApiTools): Hono {
  const app = new Hono();
  // An archive may hold every secret of a home in plain text.
  const allowed = requires("restore");
  const tools = (context: Context) =>
    [downloadRequestOf(context), homeFor(context.req.raw.signal)] as const;
  app.get("/backups/:backup/download", allowed, (context) => {
    const wish = parseInput(downloadInput, asked(context));
    return downloadArchive(wish, ...tools(context));
  });
  app.post("/backups/:backup/download", allowed, async (context) => {
    const wish = parseInput(downloadByPasswordInput, await told(context));
    return downloadArchive(wish, ...tools(context));
  });
  app.get("/backups/:backup/files/content", allowed, (context) =>
    downloadFile(parseInput(fileInput, asked(context)), ...tools(context)),
  );
  app.post("/backups/:backup/files/content", allowed, async (context) =>
    downloadFile(parseInput(fileByPasswordInput, await told(context)), ...tools(context)),
  );
  app.get("/backups/:backup/files/archive", allowed, (context) =>
    downloadFolder(parseInput(folderInput, asked(context)), ...tools(context)),
  );
  app.post("/backups/:backup/files/archive", allowed, async (context) =>
    downloadFolder(parseInput(folderByPasswordInput, await told(context)), ...tools(context)),
  );
  return app;
}

function asked({ req }: Context): unknown {
  return { ...req.query(), ...req.param() };
}

async function told({ req }: Context): Promise<unknown> {
  return { ...(await readJsonObject(req)), ...req.param() };
}
