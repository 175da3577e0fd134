import type { Command } from "commander";
import { listInboxOperation, type InboxListing } from "#operations/inbox/list-inbox.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { formatBytes } from "../../output/format-bytes.ts";
import { formatTable } from "../../output/table.ts";
import { addExamples } from "../options.ts";
import { deliverText } from "./deliver.ts";

export function addInboxList(group: Command, runner: CommandRunner): void {
  const command = group
    .command("list")
    .alias("ls")
    .description("list what others have brought, and what has become of it");
  addExamples(command, ["safehouse inbox list"]);
  runner.attachLinked<CommonFlags>(command, async (context, flags) => {
    const listed = await context.home.call(listInboxOperation, {}, { flags });
    await context.print({ json: listed, text: toText(listed) });
  });
}

function toText({ deliverTo, entries, arrivals }: InboxListing): string {
  return [
    entries.length === 0 ? "Nothing lies in the inbox\n" : entryTable(entries),
    arrivals.length === 0 ? "" : `\nArrived\n${arrivalTable(arrivals)}`,
    `\n${deliverText(deliverTo)}`,
  ].join("");
}

function entryTable(entries: InboxListing["entries"]): string {
  return formatTable(
    [
      { title: "ID" },
      { title: "FROM" },
      { title: "FILE" },
      { title: "SIZE" },
      { title: "CAME (UTC)" },
      { title: "BECAME" },
    ],
    entries.map(({ id, sender, path, size, at, slug, message }) => [
      id,
      sender,
      path,
      formatBytes(size),
      at.slice(0, 16).replace("T", " "),
      slug ?? `nothing: ${message ?? ""}`,
    ]),
  );
}

const words: Readonly<Record<InboxListing["arrivals"][number]["state"], string>> = {
  growing: "is still being written, perhaps",
  unchecked: "is being read",
  undelivered: "is being delivered",
  done: "is done",
  failed: "has failed",
};

function arrivalTable(arrivals: InboxListing["arrivals"]): string {
  return formatTable(
    [{ title: "FILE" }, { title: "STATE" }, { title: "WAITS FOR" }, { title: "WHY" }],
    arrivals.map(({ file, state, waiting, message }) => [
      file,
      words[state],
      waiting.join(", "),
      message ?? "",
    ]),
  );
}
