import { LocalServices } from "#app/local-services.ts";
import { Workers } from "#app/serve/workers.ts";
import { openSupervisorHome } from "#app/serve/supervisor/open-supervisor-home.ts";
import type { SupervisorHome } from "#api/supervisor/supervisor-home.ts";
import { quietConsole } from "#test/quiet-console.ts";
import { Bench } from "#test/safehouse.ts";
import { folderOfLocation, setUpHome } from "./set-up-home.ts";

/**
 * A home on disk behind the Supervisor's API as the program itself puts it together, with locations `nas` and `attic`
 * beside the default one. Tests may put methods of their own in place of single ones.
 */
export class ProductHome implements SupervisorHome, AsyncDisposable {
  readonly bench: Bench;
  readonly backups: SupervisorHome["backups"];
  readonly jobs: SupervisorHome["jobs"];
  readonly mounts: SupervisorHome["mounts"];
  readonly info: SupervisorHome["info"];
  readonly #opened: AsyncDisposable;

  private constructor(bench: Bench, home: SupervisorHome, opened: AsyncDisposable) {
    this.bench = bench;
    this.backups = home.backups;
    this.jobs = home.jobs;
    this.mounts = home.mounts;
    this.info = home.info;
    this.#opened = opened;
  }

  static async open(): Promise<ProductHome> {
    const bench = new Bench();
    await setUpHome(bench);
    const stack = new AsyncDisposableStack();
    stack.use(bench);
    const services = stack.use(new LocalServices(quietConsole({ SAFEHOUSE_DATA: bench.dataDir })));
    const workers = stack.use(new Workers(bench.dataDir));
    const closing = new AbortController();
    stack.defer(() => closing.abort());
    const place = { dataDir: bench.dataDir };
    const home = stack.use(
      openSupervisorHome({
        context: {
          services,
          place,
          desk: {
            begin: () => Promise.reject(new Error("Runs are begun by workers")),
            end: (run) => workers.end(run),
          },
          signal: closing.signal,
        },
        start: (operation, input) => workers.start(operation.id, input),
        clock: { now: () => Date.now() },
        settings: services.settingsStores(place).settings,
      }),
    );
    return new ProductHome(bench, home, stack);
  }

  /** The home itself. */
  get folder(): string {
    return this.bench.home;
  }

  /** Where the backups of a location lie. */
  folderOf(name: string): string {
    return folderOfLocation(this.bench, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened[Symbol.asyncDispose]();
  }
}
