import { Argument, type Command, type Option } from "commander";
import { wantedWord } from "./wanted-word.ts";

/** A word that a shell can put in. */
export interface Candidate {
  readonly word: string;
  /** What it is; may be empty. */
  readonly about: string;
}

/** What a shell offers: words, and files or folders of its own accord. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly also: "files" | "folders" | "nothing";
}

/** What is named on a command line and only the program knows. */
export type KnownThing = "backup" | "key" | "run" | "rule" | "plan" | "location";

/** Tells which there are. */
export type ThingsThere = (thing: KnownThing) => Promise<readonly Candidate[]>;

/** What can stand at the end of a command line. @param words behind the program's name; the last is being typed */
export async function complete(
  program: Command,
  words: readonly string[],
  thingsThere: ThingsThere,
): Promise<Completion> {
  const { command, begun, place } = wantedWord(program, words);
  const help = command.createHelp();
  const fitting = (candidates: readonly Candidate[]): Completion => ({
    candidates: candidates.filter(({ word }) => word.startsWith(begun)),
    also: "nothing",
  });
  switch (place?.kind) {
    case undefined:
      return fitting([]);
    case "command": {
      const commands = help.visibleCommands(command);
      return fitting(commands.map((one) => ({ word: one.name(), about: one.description() })));
    }
    case "option": {
      const options = help.visibleOptions(command);
      return fitting(
        options.map(({ long, short, description }) => ({
          word: long ?? short ?? "",
          about: description,
        })),
      );
    }
    case "value": {
      const { of } = place;
      const also = pathsFor(of);
      if (also !== "nothing") return { candidates: [], also };
      const thing = thingOf(of, command);
      if (thing !== undefined) return fitting(await thingsThere(thing));
      return fitting((of.argChoices ?? []).map((word) => ({ word, about: "" })));
    }
  }
}

/** Paths are named as such in the help. */
function pathsFor(of: Option | Argument): Completion["also"] {
  const name = of instanceof Argument ? of.name() : (/[<[](\w+)[>\]]/.exec(of.flags)?.[1] ?? "");
  if (name === "file" || name === "output") return "files";
  return name === "dir" ? "folders" : "nothing";
}

/** What an argument names is told by its own name and by the group of the command. */
function thingOf(of: Option | Argument, command: Command): KnownThing | undefined {
  if (!(of instanceof Argument)) return undefined;
  const name = of.name();
  const group = command.parent?.name() ?? "";
  if (name === "slug") return "backup";
  if (name === "rules" && command.name() === "remove") return "rule";
  const isNew = command.name() === "add" || command.name() === "new";
  return name === "id" && !isNew ? namedById.get(group) : undefined;
}

/** By the group of commands. */
const namedById: ReadonlyMap<string, KnownThing> = new Map([
  ["keys", "key"],
  ["runs", "run"],
  ["plans", "plan"],
  ["locations", "location"],
]);
