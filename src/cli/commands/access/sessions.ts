import type { Command } from "commander";
import type { StoredSession } from "#access/access-port.ts";
import { endSession, endSessions, listSessions } from "#access/sessions.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { formatTable } from "../../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples } from "../options.ts";

export function addSessionsList(group: Command, runner: CommandRunner): void {
  const command = group
    .command("list")
    .alias("ls")
    .description("list the browsers that are signed in, the one used last first");
  addExamples(command, ["safehouse access sessions list"]);
  runner.attach<PlaceFlags>(command, async (context, flags) => {
    const sessions = await listSessions(context.services.access(flags));
    await context.print({ json: { sessions: sessions.map(sessionJson) }, text: toText(sessions) });
  });
}

interface RevokeFlags extends PlaceFlags, CommonFlags {
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
  runner.attach<RevokeFlags>(command, async (context, flags, [id]) => {
    if ((id === undefined) !== (flags.all === true))
      throw new SafehouseError("usage", "Give either an id or --all");
    const tools = context.services.access(flags);
    const ended = id === undefined ? await endSessions(tools, undefined) : 1;
    if (id !== undefined) await endSession(tools, id);
    const text = ended === 1 ? "1 session was ended\n" : `${ended} sessions were ended\n`;
    await context.print({ json: { ended }, text });
  });
}

function sessionJson({ id, madeAt, lastUsedAt, expiresAt, userAgent, address }: StoredSession) {
  const client = { userAgent: userAgent ?? null, address: address ?? null };
  return { id, madeAt, lastUsedAt, expiresAt, ...client };
}

function toText(sessions: readonly StoredSession[]): string {
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
