import type { Command } from "commander";
import { collect } from "../options.ts";

/** What a person can say of a plan on the command line. What is not said is undefined. */
export interface PlanFlags {
  readonly name?: string;
  readonly everything?: boolean;
  readonly except?: readonly string[];
  readonly include?: readonly string[];
  readonly database?: boolean;
  readonly daily?: string;
  readonly weekdays?: readonly string[];
  readonly monthly?: string;
  readonly cron?: string;
  readonly onRequest?: boolean;
  readonly at?: string;
  readonly zone?: string;
  readonly jitter?: string;
  readonly catchUp?: boolean;
  readonly location?: readonly string[];
  readonly removeLocation?: readonly string[];
  readonly keepCopies?: string;
  readonly keepDays?: string;
  readonly keepHourly?: string;
  readonly keepDaily?: string;
  readonly keepWeekly?: string;
  readonly keepMonthly?: string;
  readonly keepYearly?: string;
  readonly keepAll?: boolean;
  readonly nameTemplate?: string;
  readonly key?: string;
  /** False if encryption was declined; true also if nothing was said. */
  readonly encryption: boolean;
  readonly verify?: boolean;
  readonly fromFile?: string;
}

/** The options of `plans new` and `plans change`. */
export function addPlanOptions(command: Command): Command {
  addWhat(command);
  addWhen(command);
  addWhere(command);
  return command
    .option("--name-template <text>", "names of the backups, such as '{plan} {date}'")
    .option("--key <id>", "encrypt with this key; current for whichever is current")
    .option("--no-encryption", "do not encrypt, although there is a key")
    .option("--verify", "read each backup back (default)")
    .option("--no-verify", "do not read backups back")
    .option(
      "--from-file <file>",
      "take the plan from a YAML or JSON file; other options count more",
    );
}

function addWhat(command: Command): void {
  command
    .option("--name <name>", "what you call it")
    .option("--everything", "back up everything, new add-ons too (default)")
    .option("--except <part>", "leave this part out of everything; may be repeated", collect)
    .option("--include <part>", "back up this part and no others; may be repeated", collect)
    .option("--database", "with the recorder database (default)")
    .option("--no-database", "without the recorder database");
}

function addWhen(command: Command): void {
  command
    .option("--daily <time>", "every day, at a time such as 03:00, or system-optimal")
    .option("--weekdays <days>", "on these days, such as mon,thu; with --at", collect)
    .option("--monthly <day>", "once a month, on day 1 to 28 or last; with --at")
    .option("--cron <expression>", "at the times of five fields, such as '30 2 * * 1-5'")
    .option("--on-request", "only when somebody asks")
    .option("--at <time>", "time of day for --weekdays and --monthly (default: system-optimal)")
    .option("--zone <zone>", "time zone, such as Europe/Berlin (default: that of this machine)")
    .option("--jitter <minutes>", "start up to so many minutes late, by chance")
    .option("--catch-up", "make up for runs that were missed (default)")
    .option("--no-catch-up", "do not make up for them");
}

function addWhere(command: Command): void {
  command
    .option(
      "-l, --location <id>",
      "keep backups there, the first is where they are made; may be repeated",
      collect,
    )
    .option("--keep-copies <count>", "keep the newest so many")
    .option("--keep-days <count>", "keep those of so many days")
    .option("--keep-hourly <count>", "keep one of each of so many hours")
    .option("--keep-daily <count>", "one of each of so many days")
    .option("--keep-weekly <count>", "one of each of so many weeks")
    .option("--keep-monthly <count>", "one of each of so many months")
    .option("--keep-yearly <count>", "one of each of so many years")
    .option("--keep-all", "keep every backup (default)");
}
