import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import type { SessionFacts } from "#operations/access/access-schemas.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { formatTable } from "../../output/table.ts";
import { addExamples } from "../options.ts";
import { accessCalls } from "./access-calls.ts";

export function addSessionsList(group: Command, runner: CommandRunner): void {
  const command = group
    .command("list")
    .alias("ls")
    .description("list the browsers that are signed in, the one used last first");
  addExamples(command, ["safehouse access sessions list"]);
  runner.attachLinked<CommonFlags>(command, async (context, flags) => {
    const sessions = await (await accessCalls(context, flags)).listSessions();
    await context.print({ json: { sessions }, text: toText(sessions) });
  });
}

interface RevokeFlags extends CommonFlags {
  readonly all?: boolean;
}

export function addSessionsRevoke(group: Command, runner: CommandRunner): void {
  const command = group
    .command("revoke [id]")
    .aliases(["remove", "delete", "rm"])
    .description("sign a browser out, at once")
    .option("--all", "every one of them");
  addExamples(command, [
    "safehouse access sessions revoke 3f9a1c20b7d4e856",
    "safehouse access sessions revoke --all",
  ]);
  runner.attachLinked<RevokeFlags>(command, async (context, flags, [id]) => {
    if ((id === undefined) !== (flags.all === true))
      throw new SafehouseError("usage", "Give either an id or --all");
    const calls = await accessCalls(context, flags);
    const ended = id === undefined ? await calls.endSessions() : 1;
    if (id !== undefined) await calls.endSession(id);
    const text = ended === 1 ? "1 session was ended\n" : `${ended} sessions were ended\n`;
    await context.print({ json: { ended }, text });
  });
}

function toText(sessions: readonly SessionFacts[]): string {
  if (sessions.length === 0) return "Nobody is signed in\n";
  const rows = sessions.map(({ id, madeAt, lastUsedAt, userAgent, address }) => [
    id,
    madeAt.slice(0, 10),
    lastUsedAt.slice(0, 16).replace("T", " "),
    address ?? "",
    userAgent ?? "",
  ]);
  return formatTable(
    [
      { title: "SESSION" },
      { title: "SINCE" },
      { title: "LAST USED (UTC)" },
      { title: "FROM" },
      { title: "BROWSER" },
    ],
    rows,
  );
}
