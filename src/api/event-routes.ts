import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { watchRuns } from "#jobs/runs/watch-runs.ts";
import type { ApiTools } from "./api-tools.ts";
import type { Changes } from "./changes.ts";
import { documented } from "./described.ts";

const beatEveryMs = 15_000;

/**
 * `GET /events`: server-sent events. `run` holds a run, each time something about it has changed; `changed`
 * the id of an operation that somebody has called and that changed something. A comment comes every fifteen
 * seconds, so that proxies keep the line open.
 */
export function eventRoutes({ homeFor, requires }: ApiTools, changes: Changes): Hono {
  const app = new Hono();
  app.get("/events", documented(document), requires("read", { inSetUp: true }), (context) =>
    streamSSE(context, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      const { services, place } = homeFor(gone.signal);
      const send = (event: string, data: unknown): Promise<void> =>
        stream.writeSSE({ event, data: JSON.stringify(data) });
      await using runs = await services.openRuns(place);
      const stopListening = changes.listen((operation) => void send("changed", { operation }));
      const beat = setInterval(() => void stream.write(":\n\n"), beatEveryMs);
      try {
        await send("hello", { version: services.version });
        for await (const run of watchRuns(runs.tools, gone.signal)) await send("run", run);
      } finally {
        clearInterval(beat);
        stopListening();
      }
    }),
  );
  return app;
}

const document = {
  operationId: "watchEvents",
  summary: "Follow runs and changes as server-sent events",
  "x-scope": "read",
  responses: {
    200: {
      description: "Events `hello`, `run` and `changed`, each with a JSON document",
      content: { "text/event-stream": { schema: { type: "string" } } },
    },
  },
};
