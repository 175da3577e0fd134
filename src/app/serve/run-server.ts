import { join } from "node:path";
import { inspect } from "node:util";
import type { ReportFault } from "#api/problem-document.ts";
import type { Services } from "#operations/services.ts";
import { takeLease } from "#installation/folder/restore/lease.ts";
import type { HomeContext } from "#operations/home-context.ts";
import { accessTools } from "#access/access-tools.ts";
import { adoptEnvironmentPassword, environmentPassword } from "#access/environment-password.ts";
import { openSetUp } from "#access/set-up.ts";
import { AccessFile } from "#state/access-file.ts";
import type { State } from "#state/open-state.ts";
import type { Clock } from "#core/ports.ts";
import type { Console } from "#cli/console.ts";
import { onlyHome } from "../only-home.ts";
import { processes } from "../processes.ts";
import { listen } from "./listen.ts";
import { withLocalToken } from "./local-token.ts";
import { serverApp } from "./server-app.ts";
import { announceServer } from "./server-file.ts";
import { Workers } from "./workers.ts";
import type { ServerSettings } from "./server-settings.ts";

export interface ServerOptions {
  readonly services: Services;
  readonly dataDirectory: string;
  readonly settings: ServerSettings;
  readonly state: State;
  readonly console: Console;
  readonly clock: Clock;
}

/**
 * Serves a home until the console's signal fires: the API, the page and what runs by itself. One server per
 * data directory; `busy` for a second one.
 */
export async function runServer(options: ServerOptions): Promise<void> {
  const { services, dataDirectory, settings, state, console, clock } = options;
  const { signal } = console;
  const report = (error: unknown): void => console.err(`${inspect(error)}\n`);
  const reportFault: ReportFault = (reference, error) =>
    console.err(`Fault ${reference}: ${inspect(error)}\n`);
  await using stack = new AsyncDisposableStack();
  const owner = { purpose: "A server", now: clock.now() };
  stack.use(await takeLease(join(dataDirectory, "server"), owner, signal));
  const local = withLocalToken(new AccessFile(dataDirectory, onlyHome, state), clock.now());
  const access = accessTools({ store: local.store, clock, report });
  await adoptEnvironmentPassword(access, await environmentPassword(console.env));
  const workers = stack.use(new Workers(dataDirectory));
  const desk: HomeContext["desk"] = {
    begin: () => Promise.reject(new Error("Runs are begun by workers")),
    end: (run) => workers.end(run),
  };
  const place = { dataDir: dataDirectory };
  const app = serverApp({
    access,
    settings,
    services,
    home: {
      homeFor: (asked) => ({ services, place, desk, signal: asked }),
      start: (operation, input) => workers.start(operation.id, input),
    },
    report: reportFault,
  });
  const answer = (request: Request, bindings: object) => app.fetch(request, bindings);
  const { url } = stack.use(await listen({ ...settings, tls: undefined, answer }));
  const self = processes.self;
  stack.use(announceServer(dataDirectory, { url, token: local.token, owner: self }));
  const token = await openSetUp(access);
  console.err(`Safehouse ${services.version} listens at ${url}/\n`);
  if (token !== undefined)
    console.err(
      `Set it up here; the link is good until there is a password:\n  ${url}/ui/#set-up=${token}\n`,
    );
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
  console.err("Stopping; what is at work is cancelled\n");
}
