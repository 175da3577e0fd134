import type { Command } from "commander";

/** Whether a command goes through a server, and through which. */
export interface LinkFlags {
  readonly endpoint?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly token?: string | undefined;
  readonly embedded?: boolean | undefined;
}

/** The variables that stand for `--endpoint` and `--token`. */
export const endpointVariable = "SAFEHOUSE_ENDPOINT";
export const tokenVariable = "SAFEHOUSE_TOKEN";

/** Options of every command that can go through a server. */
export function addLinkOptions(command: Command): Command {
  return command
    .option("--endpoint <url>", `work through the server there (${endpointVariable})`)
    .option("--token-file <file>", `read its token from a file (${tokenVariable} holds one too)`)
    .option("--token <token>", "its token; other users of this machine can see it")
    .option("--embedded", "work without a server, although one runs");
}
