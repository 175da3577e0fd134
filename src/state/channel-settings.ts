import { SafehouseError } from "#core/model/problem.ts";
import { channelFields, channelKinds } from "#core/notifications/channel-fields.ts";
import type { Channel } from "#core/notifications/channel.ts";
import { parseChannel } from "#core/notifications/parse-channel.ts";
import type { ChannelDraft, ChannelStore, StoredChannel } from "#jobs/channel-store-port.ts";
import { isObject, type JsonObject } from "./home-document.ts";
import type { SecretBox } from "./secret-box.ts";
import { sealedMark } from "#core/model/sealed-mark.ts";
import type { Settings } from "./settings.ts";

/**
 * The channels of a home under `notifications` in its settings. A secret that a person has written there openly counts
 * too, and is sealed when the channel is next changed.
 */
export class ChannelSettings implements ChannelStore {
  readonly #settings: Settings;
  readonly #box: SecretBox;
  readonly #home: string;

  /** @param home id of the home */
  constructor(settings: Settings, box: SecretBox, home: string) {
    this.#settings = settings;
    this.#box = box;
    this.#home = home;
  }

  async list(): Promise<readonly StoredChannel[]> {
    return recordsIn(await this.#settings.read(this.#home)).map((record) => this.#describe(record));
  }

  async add(draft: ChannelDraft): Promise<void> {
    await this.#update((records) => {
      if (records.some((record) => idOf(record) === draft.id))
        throw new SafehouseError("already-exists", `There is a channel ${draft.id} already`, {
          subject: draft.id,
          advice: "Choose another --id, or change the one that there is",
        });
      return [...records, this.#seal(draft)];
    });
  }

  async change(id: string, decide: (before: ChannelDraft) => ChannelDraft): Promise<void> {
    await this.#update((records) => {
      refuseUnknown(records, id);
      return records.map((record) =>
        idOf(record) === id ? this.#seal(decide(this.#open(record))) : record,
      );
    });
  }

  async remove(id: string): Promise<void> {
    await this.#update((records) => {
      refuseUnknown(records, id);
      return records.filter((record) => idOf(record) !== id);
    });
  }

  #update(decide: (records: readonly JsonObject[]) => readonly JsonObject[]): Promise<void> {
    return this.#settings.decide(this.#home, (settings) => ({
      notifications: decide(recordsIn(settings)),
    }));
  }

  #describe(record: JsonObject): StoredChannel {
    const settings = isObject(record["settings"]) ? record["settings"] : {};
    const names = Object.keys(settings);
    const isSecret = (name: string): boolean => secretsOf(record["kind"]).has(name);
    const described = {
      id: idOf(record),
      settings: Object.fromEntries(Object.entries(settings).filter(([name]) => !isSecret(name))),
      secrets: names.filter(isSecret),
    };
    try {
      const channel: Channel = parseChannel(this.#open(record));
      return { ...described, channel, problem: undefined };
    } catch (error) {
      if (!(error instanceof SafehouseError)) throw error;
      return { ...described, channel: undefined, problem: error };
    }
  }

  /** What a record says, with its secrets. It is only a draft: `parseChannel` looks at every field of it. */
  #open(record: JsonObject): ChannelDraft {
    const settings = isObject(record["settings"]) ? record["settings"] : {};
    const opened = Object.entries(settings).map(([name, value]): [string, unknown] => {
      const isSealed = typeof value === "string" && value.startsWith(sealedMark);
      return [name, isSealed ? this.#box.open(value, this.#purpose(idOf(record), name)) : value];
    });
    const draft: JsonObject = { ...record, settings: Object.fromEntries(opened) };
    return draft as unknown as ChannelDraft;
  }

  #seal(draft: ChannelDraft): JsonObject {
    parseChannel(draft);
    const secrets = secretsOf(draft.kind);
    const sealed = Object.entries(draft.settings).map(([name, value]) => {
      const text = typeof value === "string" && secrets.has(name) ? value : undefined;
      return [
        name,
        text === undefined ? value : this.#box.seal(text, this.#purpose(draft.id, name)),
      ];
    });
    return { ...draft, settings: Object.fromEntries(sealed) };
  }

  #purpose(id: string, name: string): string {
    return `${name} of notification channel ${id} of ${this.#home}`;
  }
}

function recordsIn({ notifications = [] }: JsonObject): readonly JsonObject[] {
  const isList = Array.isArray(notifications) && notifications.every(isObject);
  if (isList) return notifications;
  throw new SafehouseError("damaged", "notifications in the settings is no list of channels", {
    subject: "notifications",
    advice: "Mend settings.json, or take notifications out of it and add the channels anew",
  });
}

function refuseUnknown(records: readonly JsonObject[], id: string): void {
  if (records.some((record) => idOf(record) === id)) return;
  throw new SafehouseError("not-found", `There is no channel ${id}`, {
    subject: id,
    advice: "See what there is: safehouse notifications list",
  });
}

function idOf({ id }: JsonObject): string {
  return typeof id === "string" ? id : "";
}

/** Of a kind that nobody knows everything is a secret. */
function secretsOf(kind: unknown): Pick<ReadonlySet<string>, "has"> {
  const known = channelKinds.find((candidate) => candidate === kind);
  if (known === undefined) return { has: () => true };
  return new Set(channelFields[known].filter(({ isSecret }) => isSecret).map(({ name }) => name));
}
