import { Hono } from "hono";
import type { ApiTools } from "#api/api-tools.ts";
import { homeRoutes } from "#api/home-routes.ts";
import { problemResponse } from "#api/problem-document.ts";
import { LocalServices } from "#app/local-services.ts";
import { RunDesk } from "#jobs/runs/run-desk.ts";

/** Everything about a home behind HTTP, as the server has it but for access: everybody may do everything. */
export interface BytesApp extends AsyncDisposable {
  readonly app: Hono;
  readonly services: LocalServices;
}

/**
 * @param env of the program: `SAFEHOUSE_DATA`, `SAFEHOUSE_LOCATION` …
 * @param report told what is answered as a fault of the program
 */
export function bytesApp(
  env: Readonly<Record<string, string | undefined>>,
  report: (fault: unknown) => void,
): BytesApp {
  const nobody = (): Promise<never> => Promise.reject(new Error("Nobody is asked"));
  const closing = new AbortController();
  const services = new LocalServices({
    out: nobody,
    flush: nobody,
    err: (text) => void process.stderr.write(text),
    outIsTerminal: false,
    errIsTerminal: false,
    inIsTerminal: false,
    columns: 80,
    env,
    askSecret: nobody,
    ask: nobody,
    readTextFile: nobody,
    signal: closing.signal,
    now: Date.now,
  });
  const desk = new RunDesk();
  const app = new Hono();
  app.onError((error) =>
    problemResponse(services.translateError(error), (_, fault) => report(fault)),
  );
  const homeFor = (signal: AbortSignal) => ({ services, place: {}, desk, signal });
  const start: ApiTools["start"] = (operation, input) =>
    operation.answer(input, homeFor(closing.signal));
  const requires = () => async (_: unknown, next: () => Promise<void>) => next();
  app.route("/", new Hono().route("/api/v1/homes/home", homeRoutes({ homeFor, start, requires })));
  const close = async (): Promise<void> => {
    await desk[Symbol.asyncDispose]();
    await services[Symbol.asyncDispose]();
  };
  return { app, services, [Symbol.asyncDispose]: close };
}
