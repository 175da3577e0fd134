import type { Argument, Command, Option } from "commander";

/** What can stand where a person has stopped typing, as far as the commands themselves tell. */
export interface WantedWord {
  /** The command that was typed so far. */
  readonly command: Command;
  /** What the word that is being typed begins with. */
  readonly begun: string;
  /** An option's value, an argument, the name of an option or of a command; undefined: nothing more. */
  readonly place:
    | { readonly kind: "value"; readonly of: Option | Argument }
    | { readonly kind: "option" }
    | { readonly kind: "command" }
    | undefined;
}

/**
 * Finds out what is being typed.
 *
 * @param words behind the program's name; the last one is being typed and may be empty
 */
export function wantedWord(program: Command, words: readonly string[]): WantedWord {
  const begun = words.at(-1) ?? "";
  const typed = readTyped(program, words.slice(0, -1));
  return { command: typed.command, begun, place: placeOf(begun, typed) };
}

/** What stands in front of the word that is being typed. */
interface Typed {
  readonly command: Command;
  /** The option whose value comes next. */
  readonly waiting: Option | undefined;
  /** How many arguments there are. */
  readonly given: number;
  /** Nothing behind `--` is an option. */
  readonly onlyArguments: boolean;
}

function readTyped(program: Command, words: readonly string[]): Typed {
  let typed: Typed = { command: program, waiting: undefined, given: 0, onlyArguments: false };
  for (const word of words) typed = withWord(typed, word);
  return typed;
}

function withWord(typed: Typed, word: string): Typed {
  const { command, waiting, given, onlyArguments } = typed;
  if (waiting !== undefined) return { ...typed, waiting: undefined };
  if (onlyArguments) return { ...typed, given: given + 1 };
  if (word === "--") return { ...typed, onlyArguments: true };
  if (word.startsWith("-")) return { ...typed, waiting: optionThatWaits(command, word) };
  const next = given === 0 ? subcommand(command, word) : undefined;
  return next === undefined ? { ...typed, given: given + 1 } : { ...typed, command: next };
}

function placeOf(begun: string, typed: Typed): WantedWord["place"] {
  const { command, waiting, given, onlyArguments } = typed;
  if (waiting !== undefined) return { kind: "value", of: waiting };
  if (begun.startsWith("-") && !onlyArguments) return { kind: "option" };
  if (command.commands.length > 0) return given === 0 ? { kind: "command" } : undefined;
  const { registeredArguments: wanted } = command;
  const last = wanted.at(-1);
  const argument = wanted[given] ?? (last?.variadic === true ? last : undefined);
  return argument && { kind: "value", of: argument };
}

/** The option whose value is the next word. */
function optionThatWaits({ options }: Command, word: string): Option | undefined {
  const option = options.find(({ long, short }) => word === long || word === short);
  return option?.required === true || option?.optional === true ? option : undefined;
}

function subcommand({ commands }: Command, word: string): Command | undefined {
  return commands.find((one) => one.name() === word || one.aliases().includes(word));
}
