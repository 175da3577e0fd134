import type { Command } from "commander";
import { HomeCalls, type HomeCallsTools } from "#client/home-calls.ts";
import type { Console } from "./console.ts";
import { exitOk } from "./exit-codes.ts";
import { findServer } from "./link/find-server.ts";
import { addLinkOptions, type LinkFlags } from "./link/link-flags.ts";
import { ProgressLine } from "./output/progress-line.ts";
import { reportError } from "./output/report-error.ts";
import type { Services } from "#operations/services.ts";

/** What every command has at hand. */
export interface CommandContext {
  readonly console: Console;
  readonly services: Services;
  readonly json: boolean;
  readonly progress: ProgressLine;
  readonly signal: AbortSignal;
  /** Has things done with the home, through its server if there is one. */
  readonly home: HomeCalls;
  /** Prints the result: as JSON with `--json`, else the text. */
  print(result: { readonly json: unknown; readonly text: string }): Promise<void>;
}

/** Options that every command has. */
export interface CommonFlags {
  readonly json?: boolean;
  readonly progress?: boolean;
  readonly dataDir?: string | undefined;
}

/** Runs one command; returns its exit code, exit code 0 if it returns nothing. */
export type Action<Flags> = (
  context: CommandContext,
  flags: Flags & CommonFlags,
  args: readonly string[],
) => Promise<number | void>;

/** Makes commands that share options, output and error handling. Keeps the exit code of the one that ran. */
export class CommandRunner {
  exitCode = exitOk;
  readonly #console: Console;
  readonly #services: Services;

  constructor(console: Console, services: Services) {
    this.#console = console;
    this.#services = services;
  }

  /** Adds the common options and the action to a command. */
  attach<Flags>(command: Command, action: Action<Flags>): Command {
    return command
      .option("--json", "print the result as one JSON document")
      .option("--no-progress", "do not show progress")
      .option("--data-dir <dir>", "where Safehouse keeps its own data (SAFEHOUSE_DATA)")
      .action(async () => {
        this.exitCode = await this.#run(command, action);
      });
  }

  /** The same for a command that goes through a server if there is one. */
  attachLinked<Flags>(command: Command, action: Action<Flags & LinkFlags>): Command {
    return this.attach(addLinkOptions(command), action);
  }

  async #run<Flags>(command: Command, action: Action<Flags>): Promise<number> {
    const flags = command.opts<Flags & CommonFlags>();
    const json = flags.json === true;
    const console = this.#console;
    const progress = new ProgressLine(console, flags.progress !== false && !json);
    const print = ({ json: document, text }: { json: unknown; text: string }): Promise<void> => {
      progress.clear();
      return console.out(json ? `${JSON.stringify(document, undefined, 2)}\n` : text);
    };
    const services = this.#services;
    const { signal } = console;
    const look: HomeCallsTools["look"] = (asking) => findServer(asking, { console, services });
    const home = new HomeCalls({ services, look, report: progress.report, signal });
    const context = { console, services, json, progress, signal, home, print };
    try {
      const code = await action(context, flags, command.args);
      await console.flush();
      return code ?? exitOk;
    } catch (error) {
      progress.clear();
      const known = command.options.flatMap(({ long }) => long ?? []);
      return await reportError(this.#services.translateError(error), console, {
        json,
        flags: known,
      });
    } finally {
      progress.clear();
    }
  }
}
