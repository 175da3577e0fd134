import { isAbsolute, resolve } from "node:path";
import { SafehouseError } from "#core/model/problem.ts";
import type { KindDocument } from "#operations/locations/list-kinds.ts";
import type { PlaceFlags } from "#operations/services.ts";
import type { CommandContext } from "../../command-context.ts";
import type { SettingFlags } from "./setting-options.ts";

/**
 * Settings by name. A path is one of this machine, or of that of a server elsewhere, where it has to be whole.
 * Rejects with `usage` for what is no setting, and for one that is given twice.
 */
export async function settingsOf(
  flags: SettingFlags & PlaceFlags,
  { context, kind }: { readonly context: CommandContext; readonly kind: KindDocument },
): Promise<Readonly<Record<string, string>>> {
  const typed = typedSettings(flags);
  refuseSecrets(typed, kind);
  const { path, ...settings } = { ...typed, ...(await readSettings(flags, kind, context)) };
  const field = kind.fields.find(({ name }) => name === "path");
  if (path === undefined || field?.type !== "folder" || isAbsolute(path))
    return path === undefined ? settings : { ...settings, path };
  const server = await context.home.server({ flags });
  if (server === undefined) return { ...settings, path };
  if (server.address.found) return { ...settings, path: resolve(path) };
  throw new SafehouseError("usage", `Nobody knows where ${path} is on the machine of the server`, {
    subject: path,
    advice: "Give the whole path, as /mnt/nas/backups",
  });
}

function typedSettings({ path, set = [] }: SettingFlags): Record<string, string> {
  const settings = new Map<string, string>();
  for (const text of [...(path === undefined ? [] : [`path=${path}`]), ...set]) {
    const at = text.indexOf("=");
    if (at < 1) throw noSetting(text, "is no setting");
    const name = text.slice(0, at);
    if (settings.has(name)) throw noSetting(name, "is set twice");
    settings.set(name, text.slice(at + 1));
  }
  return Object.fromEntries(settings);
}

/** Arguments are seen by every user of the machine. */
function refuseSecrets(typed: Readonly<Record<string, string>>, { fields }: KindDocument): void {
  const secret = fields.find(({ name, secret: is }) => is && Object.hasOwn(typed, name));
  if (secret === undefined) return;
  const { name } = secret;
  throw new SafehouseError("usage", `${name} is a secret, and arguments are seen by every user`, {
    subject: name,
    advice: `Use --ask ${name} or --from-file ${name}=FILE`,
  });
}

async function readSettings(
  { fromFile = [], ask = [] }: SettingFlags,
  kind: KindDocument,
  { console }: CommandContext,
): Promise<Record<string, string>> {
  const settings = new Map<string, string>();
  for (const item of fromFile) {
    const at = item.indexOf("=");
    if (at < 1) throw noSetting(item, "is no setting");
    const field = fieldOf(item.slice(0, at), kind);
    const text = await console.readTextFile(item.slice(at + 1));
    settings.set(field.name, field.type === "lines" ? text : (text.split(/\r?\n/u)[0] ?? ""));
  }
  for (const name of ask) {
    const field = fieldOf(name, kind);
    const question = `${field.name} (${field.title}): `;
    settings.set(name, await (field.secret ? console.askSecret(question) : console.ask(question)));
  }
  return Object.fromEntries(settings);
}

function fieldOf(name: string, { title, fields }: KindDocument): KindDocument["fields"][number] {
  const field = fields.find((known) => known.name === name);
  if (field !== undefined) return field;
  throw new SafehouseError("usage", `A location of kind "${title}" has no setting ${name}`, {
    subject: name,
    advice: `There are ${fields.map((known) => known.name).join(", ")}`,
  });
}

function noSetting(text: string, why: string): SafehouseError {
  return new SafehouseError("usage", `"${text}" ${why}`, {
    subject: text,
    advice: "Give each setting once, as --set NAME=VALUE",
  });
}
