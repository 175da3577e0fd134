import {
  parse,
  type GenericSchema,
  type InferInput,
  type InferOutput,
  type ObjectEntries,
} from "valibot";
import type { ReportProgress } from "#core/ports.ts";
import { RunDesk } from "#jobs/runs/run-desk.ts";
import type { Services } from "#operations/services.ts";
import type { HomeContext } from "#operations/home-context.ts";
import type { AnyOperation, InputSchema, Operation, RunOperation } from "#operations/operation.ts";
import { ApiClient } from "./api-client.ts";
import type { Asking } from "./asking.ts";
import { carryOut } from "./carry-out.ts";
import { inputForServer } from "./input-for-server.ts";
import type { ServerAddress } from "./server-address.ts";
import { tryPasswords } from "./try-passwords.ts";

/** What things are done with. */
export interface HomeCallsTools {
  readonly services: Services;
  /** Says which server to go through; undefined for none. */
  readonly look: (asking: Asking) => Promise<ServerAddress | undefined>;
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

/** Has things done with a home: through its server if there is one, else in this process. */
export class HomeCalls {
  readonly #tools: HomeCallsTools;
  #server: Promise<ApiClient | undefined> | undefined;

  constructor(tools: HomeCallsTools) {
    this.#tools = tools;
  }

  /** Has an operation done and returns its answer. Rejects as the operation, and as `ApiClient.call`. */
  async call<Entries extends ObjectEntries, Output extends GenericSchema>(
    operation: Operation<Entries, Output>,
    input: InferInput<InputSchema<Entries>>,
    asking: Asking,
  ): Promise<InferOutput<Output>> {
    const client = await this.server(asking);
    const { signal } = this.#tools;
    if (client !== undefined) {
      const wire = inputForServer(operation, input, { asking, client });
      return tryPasswords(passwordsFor(operation, asking), (password) =>
        client.call(operation, { ...wire, ...withPassword(password) }, signal),
      );
    }
    await using desk = new RunDesk(signal);
    return await operation.answer(input, this.#context(desk, asking));
  }

  /** Has a run carried out to its end, shows its progress, and returns what it came to. */
  async carryOut<Entries extends ObjectEntries, Result extends GenericSchema>(
    operation: RunOperation<Entries, Result>,
    input: InferInput<InputSchema<Entries>>,
    asking: Asking,
  ): Promise<InferOutput<Result>> {
    const client = await this.server(asking);
    if (client !== undefined) {
      const wire = inputForServer(operation, input, { asking, client });
      const options = { report: this.#tools.report, signal: this.#tools.signal };
      return tryPasswords(passwordsFor(operation, asking), (password) =>
        carryOut(client, { operation, input: { ...wire, ...withPassword(password) } }, options),
      );
    }
    const begin = async (context: HomeContext): Promise<string> =>
      (await operation.answer(input, context)).run;
    return this.carryOutHere(operation.result, begin, asking);
  }

  /**
   * Has a run carried out in this process, whether there is a server or not.
   * @param begin begins it and returns its id
   */
  async carryOutHere<Result extends GenericSchema>(
    result: Result,
    begin: (context: HomeContext) => Promise<string>,
    asking: Asking,
  ): Promise<InferOutput<Result>> {
    await using desk = new RunDesk(this.#tools.signal);
    const end = await desk.end(await begin(this.#context(desk, asking)));
    if (end?.kind === "failed") throw end.error;
    return parse(result, end?.result);
  }

  /** The server that the command goes through, looked for once; undefined if it works by itself. */
  server(asking: Asking): Promise<ApiClient | undefined> {
    return (this.#server ??= this.#look(asking));
  }

  async #look(asking: Asking): Promise<ApiClient | undefined> {
    const address = await this.#tools.look(asking);
    const { version } = this.#tools.services;
    return address === undefined ? undefined : new ApiClient(address, version);
  }

  #context(desk: RunDesk, { flags, ...person }: Asking): HomeContext {
    const { services, signal, report } = this.#tools;
    return { services, place: flags, desk, signal, person: { ...person, report } };
  }
}

function passwordsFor(operation: AnyOperation, { passwords }: Asking): Asking["passwords"] {
  return Object.hasOwn(operation.input.entries, "password") ? passwords : undefined;
}

function withPassword(password: string | undefined): { readonly password?: string } {
  return password === undefined ? {} : { password };
}
