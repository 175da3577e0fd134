import type { HttpBindings } from "@hono/node-server";
import type { Context, Hono } from "hono";
import { safeParse } from "valibot";
import { success } from "../http/envelope.ts";
import { inOfficialWords, OfficialError } from "../http/official-error.ts";
import { validationWords } from "../http/validation-words.ts";
import { localLocation, locationNameOf } from "../location-name.ts";
import type { SupervisorApi } from "../supervisor-api.ts";
import { uploadedFile, type UploadRequest } from "../upload/uploaded-file.ts";
import { fileName } from "./backup-requests.ts";
import { checkLocations, mountsAmong } from "./check-locations.ts";

/** Takes an archive over: the first part of a multipart body, of any size, whatever it is called. */
export function addUploadRoute(app: Hono, { home, requires }: SupervisorApi): void {
  app.post("/backups/new/upload", requires("backup"), async (context) => {
    const named = (context.req.queries("location") ?? []).map(locationNameOf);
    // Not the default mount, as with new backups.
    const locations = await checkLocations(home, named.length === 0 ? [localLocation] : named);
    const target = { locations, fileName: readFileName(context.req.query("filename")) };
    const slug = await inOfficialWords(home.backups.upload(uploadedFile(bodyOf(context)), target), {
      mounts: mountsAmong(locations),
    });
    return success({ slug });
  });
}

/** Node's own stream where there is one, which is so under @hono/node-server. */
function bodyOf({ env, req }: Context): UploadRequest {
  const bindings = env as Partial<HttpBindings> | undefined;
  return { headers: req.raw.headers, body: bindings?.incoming ?? req.raw.body };
}

function readFileName(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const result = safeParse(fileName, value);
  if (result.success) return result.output;
  throw new OfficialError(validationWords(result.issues[0]));
}
