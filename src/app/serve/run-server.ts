import { join } from "node:path";
import { accessTools } from "#access/access-tools.ts";
import { adoptEnvironmentPassword, environmentPassword } from "#access/environment-password.ts";
import { openSetUp, setUpLink } from "#access/set-up.ts";
import { describeHealth, type Health } from "#api/health.ts";
import type { Console } from "#cli/console.ts";
import type { Part } from "#core/model/part.ts";
import type { Clock, Log } from "#core/ports.ts";
import { takeLease } from "#installation/folder/restore/lease.ts";
import { stepErrorOf } from "#jobs/runs/step-error.ts";
import type { HomeContext } from "#operations/home-context.ts";
import type { Services } from "#operations/services.ts";
import type { LocalHome } from "../local-home.ts";
import { openLog } from "../log.ts";
import { processes } from "../processes.ts";
import { ArrivalsWatch } from "./arrivals-watch.ts";
import { HomeWatch } from "./home-watch.ts";
import { listen } from "./listen.ts";
import { withLocalToken } from "./local-token.ts";
import { metricsFacts } from "./metrics-facts.ts";
import { planRunner } from "./plan-runner.ts";
import { applyRules } from "./apply-rules.ts";
import { serverApp } from "./server-app.ts";
import { announceServer } from "./server-file.ts";
import { serverTls } from "./server-tls.ts";
import { SambaShare } from "./samba/samba-share.ts";
import { openSupervisorHome } from "./supervisor/open-supervisor-home.ts";
import type { ServerSettings } from "./server-settings.ts";
import { goesOnLater } from "./goes-on-later.ts";
import { Workers } from "./workers.ts";

export interface ServerOptions {
  readonly services: Services;
  /** Absolute path. */
  readonly dataDirectory: string;
  readonly settings: ServerSettings;
  readonly home: LocalHome;
  /** What the home has now; rejects if it cannot be looked at. */
  readonly parts: () => Promise<readonly Part[]>;
  readonly console: Console;
  readonly clock: Clock;
}

/**
 * Serves a home until the console's signal fires: the API, the page, and what runs by itself. One server per
 * data directory; rejects with `busy` for a second one.
 */
export async function runServer(options: ServerOptions): Promise<void> {
  const { services, dataDirectory, settings, home, console, clock } = options;
  const { signal } = console;
  const log = openLog(settings.log);
  await using stack = new AsyncDisposableStack();
  const owner = { purpose: "A server", now: clock.now() };
  stack.use(await takeLease(join(dataDirectory, "server"), owner, signal));
  const local = withLocalToken(home.access, clock.now());
  const report = (error: unknown): void => log.error("Something could not be kept", { error });
  const access = accessTools({ store: local.store, clock, report });
  await adoptEnvironmentPassword(access, await environmentPassword(console.env));
  const workers = stack.use(new Workers(dataDirectory));
  const ended = (): void => void watch.look();
  const scheduler = stack.use(await planRunner({ home, workers, clock, log, ended }));
  const share = stack.use(new SambaShare({ home, services, dataDirectory, log, signal }));
  const { homeFor, start } = homeOf({ services, dataDirectory, workers, share });
  const context = homeFor(signal);
  const arrivals = stack.use(new ArrivalsWatch({ home, workers, context, clock, log }));
  const watch = stack.use(new HomeWatch({ ...options, scheduler, workers, arrivals, share, log }));
  const supervisor = stack.use(
    openSupervisorHome({ context, start, clock, settings: home.stores.settings }),
  );
  const app = serverApp({
    access,
    settings,
    services,
    home: { homeFor, start },
    supervisor,
    health: () => healthOf(home, watch, clock.now()),
    metrics: () => metricsFacts({ home, watch, clock }),
    allowsDavOverHttp: async () => (await home.sharing.read()).webdavOverHttp,
    arrived: () => void arrivals.look(),
    report: (reference, error) => log.error("A request met a fault", { reference, error }),
  });
  const tls = stack.use(await serverTls(settings.tls, { clock, report }));
  const answer = (request: Request, bindings: object) => app.fetch(request, bindings);
  const listening = stack.use(await listen({ ...settings, tls: tls.context, answer }));
  tls.follow(listening.server);
  const { url } = listening;
  stack.use(announceServer(dataDirectory, { url, token: local.token, owner: processes.self }));
  await greet(url, await openSetUp(access), options);
  log.info("The server listens", { at: url });
  void recoverHome(options, log);
  void watch.look();
  void applyRules({ home, workers, log, signal });
  await untilAborted(signal);
  log.info("The server stops; deliveries go on after the next start, all else is cancelled");
  // They are told before the last answers are waited for.
  workers.cancel(await goesOnLater(home, log));
}

function homeOf({
  services,
  dataDirectory,
  workers,
  share,
}: Pick<ServerOptions, "services" | "dataDirectory"> & {
  readonly workers: Workers;
  readonly share: SambaShare;
}) {
  const place = { dataDir: dataDirectory };
  const desk: HomeContext["desk"] = {
    begin: () => Promise.reject(new Error("Runs are begun by workers")),
    end: (run) => workers.end(run),
  };
  return {
    homeFor: (asked: AbortSignal): HomeContext => ({
      services,
      place,
      desk,
      signal: asked,
      share,
      isServer: true,
    }),
    start: ({ id }: { readonly id: string }, input: unknown) => workers.start(id, input),
  };
}

/** A state file that cannot be read is what a restart may mend. */
function healthOf({ state }: LocalHome, { seen }: HomeWatch, now: number): Health {
  const started = now - process.uptime() * 1000;
  let stateProblem: string | undefined;
  try {
    state.run((database) => database.prepare("SELECT 1").get());
  } catch (error) {
    stateProblem = stepErrorOf(error).message;
  }
  return describeHealth({ now, started, schedulerSeen: seen, stateProblem });
}

/** Finishes or takes back what an earlier process has left in the home. */
async function recoverHome(
  { services, dataDirectory }: Pick<ServerOptions, "services" | "dataDirectory">,
  log: Log,
): Promise<void> {
  try {
    await using home = await services.openHome({ dataDir: dataDirectory });
    for (const action of home.recovered) log.warn(action);
  } catch (error) {
    // Until a home is set up there is none.
    log.info("The home cannot be opened yet", { error: services.translateError(error) });
  }
}

async function greet(
  url: string,
  token: string | undefined,
  { services, console }: ServerOptions,
): Promise<void> {
  const setUp =
    token === undefined
      ? ""
      : `Set it up here; the link is good until there is a password:\n  ${setUpLink(url, token)}\n`;
  await console.out(`Safehouse ${services.version} listens at ${url}/\n${setUp}`);
  await console.flush();
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
