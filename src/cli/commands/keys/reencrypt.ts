import type { Command } from "commander";
import { SafehouseError, type Problem } from "#core/model/problem.ts";
import { findBackup, listBackups } from "#jobs/backup/list-backups.ts";
import { reencryptBackup, type Reencrypted } from "#jobs/keys/reencrypt-backup.ts";
import { OpenRing, type OpenKey } from "#keys/open-ring.ts";
import type { CommandContext, CommandRunner, CommonFlags } from "../../command-context.ts";
import { exitIncomplete, exitOk } from "../../exit-codes.ts";
import { archivePassword } from "../../input/archive-password.ts";
import type { PasswordFlags } from "../../input/password.ts";
import { printable } from "../../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, addLocationOption, addPasswordOptions } from "../options.ts";

interface Flags extends PasswordFlags, PlaceFlags, CommonFlags {
  readonly all?: boolean;
}

export function addKeysReencrypt(group: Command, runner: CommandRunner): void {
  const command = group
    .command("reencrypt [slug]")
    .description(
      "encrypt a backup with the current key; the old archive goes once the new one is proven",
    )
    .option("--all", "every encrypted backup at the location");
  addPasswordOptions(command);
  addLocationOption(command);
  addExamples(command, ["safehouse keys reencrypt 7fed74c8", "safehouse keys reencrypt --all"]);
  runner.attach<Flags>(command, async (context, flags, [slug]) => {
    if ((slug === undefined) !== (flags.all === true))
      throw new SafehouseError("usage", "Give either a slug or --all");
    const key = await currentKey(context, flags);
    const done = await reencrypt(context, flags, { slug, key });
    await context.print({ json: { backups: done }, text: toText(done, key) });
    return done.some((one) => "error" in one) ? exitIncomplete : exitOk;
  });
}

async function currentKey({ services }: CommandContext, flags: Flags): Promise<OpenKey> {
  const key = await new OpenRing(services.keyRing(flags)).current();
  if (key !== undefined) return key;
  throw new SafehouseError("usage", "There is no key to encrypt with", {
    advice: "Make one first with: safehouse keys new",
  });
}

/** A backup that stays as it is, and why. */
interface Failed {
  readonly file: string;
  readonly error: { readonly problem: Problem; readonly message: string };
}

async function reencrypt(
  context: CommandContext,
  flags: Flags,
  { slug, key }: { readonly slug: string | undefined; readonly key: OpenKey },
): Promise<readonly (Reencrypted | Failed)[]> {
  const { services, progress, signal } = context;
  await using place = await services.openLocation(flags);
  const { location } = place;
  const backups =
    slug === undefined
      ? (await listBackups(location, signal)).backups
      : [await findBackup(location, slug, signal)];
  const askPassword = archivePassword(context, flags);
  const tools = { ...place.tools, location, askPassword, report: progress.report, signal };
  const done: (Reencrypted | Failed)[] = [];
  for (const { file } of backups) {
    const outcome = await reencryptBackup(file, key, tools).catch((error: unknown) =>
      failed(error, file, flags),
    );
    done.push(outcome);
    progress.clear();
  }
  return done;
}

/** With `--all` a backup that cannot be opened or proven does not keep the others from being done. */
function failed(error: unknown, file: string, { all }: Flags): Failed {
  if (all !== true || !(error instanceof SafehouseError) || ends.has(error.problem)) throw error;
  const { problem, message } = error;
  return { file, error: { problem, message } };
}

/** What would meet every other backup too. */
const ends: ReadonlySet<Problem> = new Set<Problem>(["cancelled", "no-space", "denied", "busy"]);

function toText(done: readonly (Reencrypted | Failed)[], { key }: OpenKey): string {
  if (done.length === 0) return "There are no backups at the location\n";
  return done.map((one) => lineOf(one, key.id)).join("");
}

function lineOf(one: Reencrypted | Failed, id: string): string {
  const file = printable(one.file);
  if ("error" in one) return `${file} STAYS AS IT IS: ${printable(one.error.message)}\n`;
  const texts = {
    reencrypted: `is encrypted with key ${id} now, and proven`,
    current: `is encrypted with key ${id} already`,
    plain: "is not encrypted and stays so",
  };
  return `${file} ${texts[one.status]}\n`;
}
