import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { boolean, optional, strictObject } from "valibot";
import { parseInput } from "#operations/operation.ts";
import { backupReference, locationId, password } from "#operations/schema/names.ts";
import { queryFlag } from "#operations/schema/query-flag.ts";
import type { ApiTools } from "../api-tools.ts";
import { largestBody, readJsonObject } from "../json-object.ts";
import { downloadArchive } from "./download-archive.ts";

const queryInput = strictObject({
  backup: backupReference,
  location: optional(locationId),
  decrypt: optional(queryFlag, false),
});

const bodyInput = strictObject({
  backup: backupReference,
  location: optional(locationId),
  decrypt: optional(boolean(), false),
  password: optional(password),
});

/**
 * Backups that are fetched, as they lie at their location or decrypted: by `GET` with a key of the ring, by `POST` with a password, which must not stand
 * in an address.
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
    const { backup, location, decrypt } = parseInput(queryInput, given);
    return send(context, { backup, location, decrypt, password: undefined });
  });
  app.post(
    "/backups/:backup/download",
    allowed,
    bodyLimit({ maxSize: largestBody }),
    async (context) => {
      const given = { ...(await readJsonObject(context.req)), ...context.req.param() };
      const { backup, location, decrypt, password: opened } = parseInput(bodyInput, given);
      return send(context, { backup, location, decrypt, password: opened });
    },
  );
  return app;
}
