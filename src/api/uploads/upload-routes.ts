import { Hono } from "hono";
import { optional, pipe, regex, string, transform } from "valibot";
import { parseInput } from "#operations/operation.ts";
import type { ApiTools } from "../api-tools.ts";
import { receiveStream } from "./receive-stream.ts";
import { requestBody } from "./request-body.ts";
import { ResumableUploads } from "./resumable-uploads.ts";
import { uploadInput } from "./upload-input.ts";

const announced = optional(pipe(string(), regex(/^\d{1,15}$/), transform(Number)));

/**
 * Archives that are sent to become backups: in one go at `/backups/upload`, or by tus 1.0 at `/uploads`, where
 * `GET` of an upload tells how far it is and which backup it has become.
 */
export function uploadRoutes({ homeFor, requires, changed }: ApiTools): Hono {
  const app = new Hono();
  const received = (): void => changed("uploadBackup");
  const uploads = new ResumableUploads(received);
  const allowed = requires("backup", { inSetUp: true });

  app.post("/backups/upload", allowed, async (context) => {
    const { req, json } = context;
    const { filename: fileName, location } = parseInput(uploadInput, req.query());
    const size = parseInput(announced, req.header("Content-Length"));
    const stream = { body: requestBody(context), size, fileName, location };
    const uploaded = await receiveStream(stream, homeFor(req.raw.signal));
    received();
    return json(uploaded, 201);
  });

  app.use("/uploads/*", async (context, next) => {
    await next();
    // Failures too: clients take an answer without it for one of somebody else.
    context.header("Tus-Resumable", "1.0.0");
    context.header("Cache-Control", "no-store");
  });
  app.on(["POST", "OPTIONS"], "/uploads", allowed, ({ req }) =>
    uploads.begin(req.raw, homeFor(req.raw.signal)),
  );
  app.on(["PATCH", "DELETE", "OPTIONS"], "/uploads/:id", allowed, ({ req }) =>
    uploads.goOn(req.raw, req.param("id"), homeFor(req.raw.signal)),
  );
  // Hono answers HEAD by what answers GET.
  app.get("/uploads/:id", allowed, async ({ req, json }) => {
    const { raw } = req;
    const id = req.param("id");
    const context = homeFor(raw.signal);
    if (raw.method === "HEAD") return uploads.goOn(raw, id, context);
    const { size, offset, received: isBackup, backup } = await uploads.state(id, context);
    return json({ id, size, offset, received: isBackup, backup });
  });
  return app;
}
