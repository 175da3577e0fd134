import { SafehouseError } from "#core/model/problem.ts";
import { nearestName } from "#core/nearest-name.ts";
import type { ChannelField } from "#core/notifications/channel-fields.ts";
import type { Console } from "../console.ts";

/** How a person hands over the settings of a channel; secrets never as an argument. */
export interface ChannelSettingFlags {
  /** `name=value`; without a value the setting is taken away. */
  readonly set?: readonly string[];
  /** `name=file`. */
  readonly fromFile?: readonly string[];
  /** Names of settings to ask for on the terminal. */
  readonly ask?: readonly string[];
}

type ChannelSettings = Readonly<Record<string, unknown>>;

/**
 * The settings of a channel: those that there were, and on top of them what comes from files, arguments, the
 * environment and the terminal.
 * @param before undefined for a new channel, of which everything that is needed and was not given is asked for
 */
export async function readChannelSettings(
  fields: readonly ChannelField[],
  flags: ChannelSettingFlags,
  { console, before }: { readonly console: Console; readonly before: ChannelSettings | undefined },
): Promise<ChannelSettings> {
  const given = new Map(Object.entries(before ?? {}));
  for (const [field, value] of pairsOf(flags.set, fields)) {
    if (field.isSecret) throw secretAsArgument(field);
    if (value === "") given.delete(field.name);
    else given.set(field.name, value);
  }
  for (const field of fields) {
    const fromEnvironment = console.env[variableOf(field)];
    if (field.isSecret && fromEnvironment) given.set(field.name, fromEnvironment);
  }
  for (const [field, path] of pairsOf(flags.fromFile, fields))
    given.set(field.name, await readFrom(path, field, console));
  for (const field of fieldsToAsk(fields, flags, { given, isNew: before === undefined })) {
    const answer = await ask(field, console);
    if (answer !== undefined) given.set(field.name, answer);
  }
  return Object.fromEntries(given);
}

/** Environment variable of a secret: `SAFEHOUSE_NOTIFY_SIGNING_KEY`. */
function variableOf({ name }: ChannelField): string {
  return `SAFEHOUSE_NOTIFY_${name.replace(/[A-Z]/gu, "_$&").toUpperCase()}`;
}

function fieldsToAsk(
  fields: readonly ChannelField[],
  flags: ChannelSettingFlags,
  { given, isNew }: { readonly given: ReadonlyMap<string, unknown>; readonly isNew: boolean },
): readonly ChannelField[] {
  const wanted = (flags.ask ?? []).map((name) => fieldOf(name, fields).name);
  return fields.filter(({ name, isNeeded }) => {
    const isMissing = isNew && isNeeded && !given.has(name);
    return isMissing || wanted.includes(name);
  });
}

/** Undefined for an empty answer. */
async function ask(field: ChannelField, console: Console): Promise<string | undefined> {
  if (!console.inIsTerminal) throw notGiven(field);
  const question = `${field.name} (${field.what}): `;
  const answer = await (field.isSecret ? console.askSecret(question) : console.ask(question));
  return answer === "" ? undefined : answer;
}

/** Of a secret the first line, so that the line feed of an editor is no part of it. */
async function readFrom(path: string, field: ChannelField, console: Console): Promise<string> {
  const text = await console.readTextFile(path);
  const value = field.isSecret ? (text.split(/\r?\n/u)[0] ?? "") : text.trim();
  if (value === "")
    throw new SafehouseError("usage", `The file ${path} for ${field.name} is empty`);
  return value;
}

function pairsOf(
  items: readonly string[] = [],
  fields: readonly ChannelField[],
): readonly (readonly [ChannelField, string])[] {
  return items.map((item) => {
    const end = item.indexOf("=");
    // What was given may be a secret in the wrong place, and is not repeated.
    if (end < 1) throw new SafehouseError("usage", "A setting is given as name=value");
    return [fieldOf(item.slice(0, end), fields), item.slice(end + 1)];
  });
}

function fieldOf(name: string, fields: readonly ChannelField[]): ChannelField {
  const field = fields.find((candidate) => candidate.name === name);
  if (field !== undefined) return field;
  const names = fields.map((candidate) => candidate.name);
  throw new SafehouseError("usage", `This kind of channel has no setting ${name}`, {
    subject: name,
    advice: `Did you mean ${nearestName(name, names)}? There are ${names.join(", ")}`,
  });
}

function secretAsArgument(field: ChannelField): SafehouseError {
  const { name } = field;
  return new SafehouseError("usage", `${name} is a secret, and arguments are seen by every user`, {
    subject: name,
    advice: `Use --from-file ${name}=FILE, --ask ${name} or ${variableOf(field)}`,
  });
}

function notGiven(field: ChannelField): SafehouseError {
  const { name, what } = field;
  const ways = field.isSecret
    ? `--from-file ${name}=FILE or ${variableOf(field)}`
    : `--set ${name}=VALUE`;
  return new SafehouseError("usage", `${name} was not given: ${what}`, {
    subject: name,
    advice: `Use ${ways}, or run this on a terminal`,
  });
}
