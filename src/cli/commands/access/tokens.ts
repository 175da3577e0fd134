import { Option, type Command } from "commander";
import { scopes, type Scope } from "#access/scope.ts";
import { hasExpired } from "#access/tokens.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { TokenFacts } from "#operations/access/access-schemas.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { formatTable, printable } from "../../output/table.ts";
import { addExamples } from "../options.ts";
import { accessCalls } from "./access-calls.ts";

export function addTokensList(group: Command, runner: CommandRunner): void {
  const command = group
    .command("list")
    .alias("ls")
    .description("list the tokens, never what they consist of");
  addExamples(command, ["safehouse access tokens list"]);
  runner.attachLinked<CommonFlags>(command, async (context, flags) => {
    const tokens = await (await accessCalls(context, flags)).listTokens();
    await context.print({ json: { tokens }, text: toText(tokens, context.console.now()) });
  });
}

interface NewFlags extends CommonFlags {
  readonly scope: Scope;
  readonly expiresInDays?: string;
}

export function addTokensNew(group: Command, runner: CommandRunner): void {
  const scope = new Option(
    "--scope <scope>",
    "what it may do: read, backup, restore and admin each include those before it; inbox only brings archives to the inbox",
  );
  const command = group
    .command("new <name>")
    .description("make a token and print it, this once; it is kept nowhere")
    .addOption(scope.choices(scopes).default("read"))
    .option("--expires-in-days <days>", "no longer counts after so many days (default: never)");
  addExamples(command, [
    "safehouse access tokens new 'Backup script' --scope backup",
    "safehouse access tokens new Grafana --expires-in-days 365",
  ]);
  runner.attachLinked<NewFlags>(command, async (context, flags, [name = ""]) => {
    const days = daysOf(flags.expiresInDays);
    const calls = await accessCalls(context, flags);
    const made = await calls.makeToken({ name, scope: flags.scope, days });
    await context.print({ json: made, text: `${made.token}\n` });
    if (!context.json)
      context.console.err(
        `Made token ${tokenText(made)} with the scope ${made.scope}; it is not shown again\n`,
      );
  });
}

export function addTokensRevoke(group: Command, runner: CommandRunner): void {
  const command = group
    .command("revoke <id>")
    .aliases(["remove", "delete", "rm"])
    .description("take a token back, at once");
  addExamples(command, ["safehouse access tokens revoke 3f9a1c20b7d4e856"]);
  runner.attachLinked<CommonFlags>(command, async (context, flags, [id = ""]) => {
    const name = await (await accessCalls(context, flags)).revokeToken(id);
    const text = `Revoked token ${tokenText({ id, name })}\n`;
    await context.print({ json: { revoked: id, name }, text });
  });
}

function daysOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (/^\d{1,4}$/u.test(given)) return Number(given);
  throw new SafehouseError("usage", `--expires-in-days is no number of days: ${given}`);
}

function tokenText({ id, name }: Pick<TokenFacts, "id" | "name">): string {
  return `${id} "${printable(name)}"`;
}

function toText(tokens: readonly TokenFacts[], now: number): string {
  if (tokens.length === 0) return "There are no tokens\n";
  const rows = tokens.map((token) => [
    token.id,
    token.name,
    token.scope,
    token.madeAt.slice(0, 10),
    token.lastUsedAt?.slice(0, 16).replace("T", " ") ?? "never",
    hasExpired(token, now) ? "has expired" : (token.expiresAt?.slice(0, 10) ?? "never"),
  ]);
  return formatTable(
    [
      { title: "TOKEN" },
      { title: "NAME" },
      { title: "SCOPE" },
      { title: "SINCE" },
      { title: "LAST USED (UTC)" },
      { title: "EXPIRES" },
    ],
    rows,
  );
}
