import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { parseInput } from "#operations/operation.ts";
import type { ApiTools } from "../api-tools.ts";
import { largestBody, readJsonObject } from "../json-object.ts";
import { downloadArchive } from "./download-archive.ts";
import { downloadFile } from "./download-file.ts";
import {
  downloadByPasswordInput,
  downloadInput,
  fileByPasswordInput,
  fileInput,
} from "./download-inputs.ts";

const limited = bodyLimit({ maxSize: largestBody });

/**
 * Backups and files of them that are fetched: by `GET` with a key of the ring, by `POST` with a password, which must
 * not stand in an address.
 */
export function downloadRoutes({ homeFor, requires }: ApiTools): Hono {
  const app = new Hono();
  // An archive may hold every secret of a home in plain text.
  const allowed = requires("restore");
  const send = ({ req }: Context, wish: Parameters<typeof downloadArchive>[0]) => {
    const request = {
      header: (name: string) => req.header(name),
      headOnly: req.raw.method === "HEAD",
    };
    return downloadArchive(wish, request, homeFor(req.raw.signal));
  };
  app.get("/backups/:backup/download", allowed, (context) => {
    const given = { ...context.req.query(), ...context.req.param() };
    const { backup, location, decrypt } = parseInput(downloadInput, given);
    return send(context, { backup, location, decrypt, password: undefined });
  });
  app.post("/backups/:backup/download", allowed, limited, async (context) => {
    const given = { ...(await readJsonObject(context.req)), ...context.req.param() };
    const {
      backup,
      location,
      decrypt,
      password: opened,
    } = parseInput(downloadByPasswordInput, given);
    return send(context, { backup, location, decrypt, password: opened });
  });
  app.get("/backups/:backup/files/content", allowed, ({ req }) => {
    const wish = parseInput(fileInput, { ...req.query(), ...req.param() });
    return downloadFile(wish, req.raw.method === "HEAD", homeFor(req.raw.signal));
  });
  app.post("/backups/:backup/files/content", allowed, limited, async ({ req }) => {
    const given = { ...(await readJsonObject(req)), ...req.param() };
    const wish = parseInput(fileByPasswordInput, given);
    return downloadFile(wish, false, homeFor(req.raw.signal));
  });
  return app;
}
