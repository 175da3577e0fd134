import { notesKey } from "#archive/backup-notes/seal.ts";
import type { AgentLayout } from "#core/location/agent-layout.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { StorageError } from "#storage/errors.ts";
import type { StorageProvider, StoredObject } from "#storage/provider.ts";
import {
  describeForAgent,
  descriptionKey,
  isAbout,
  type DescribedArchive,
} from "./agent-description.ts";
import type { BackupAtLocation } from "./backup-at-location.ts";
import type { Inspect } from "./inspect-objects.ts";

export interface DescriptionTools {
  readonly storage: StorageProvider;
  readonly inspect: Inspect;
  /** Undefined for a place that no agent of Home Assistant lists by descriptions. */
  readonly agentLayout?: AgentLayout | undefined;
}

/**
 * What Home Assistant's own backup agent needs beside each archive to list it. Descriptions of archives that
 * Safehouse has put there are written and removed with them; others are left alone.
 */
export class AgentDescriptions {
  readonly #tools: DescriptionTools;

  constructor(tools: DescriptionTools) {
    this.#tools = tools;
  }

  /** False where there are none. */
  get areWanted(): boolean {
    return this.#tools.agentLayout !== undefined;
  }

  /**
   * Describes an archive that has just come, as the agents do: after the archive. A place that does not let it is put
   * up with: the archive counts, and `complete` makes up for it or tells why it cannot.
   */
  async describe(object: StoredObject, signal: AbortSignal): Promise<void> {
    const { storage, inspect, agentLayout } = this.#tools;
    if (agentLayout === undefined) return;
    try {
      const source = await storage.open(object.key, signal);
      try {
        await this.#write(agentLayout, { object, facts: await inspect(source) }, signal);
      } finally {
        await source.close();
      }
    } catch (error) {
      const isOfPlace = error instanceof StorageError || error instanceof SafehouseError;
      if (signal.aborted || !isOfPlace) throw error;
    }
  }

  /** Describes archives that Safehouse has put there and that have no description yet. Rejects as the place does. */
  async complete(backups: readonly BackupAtLocation[], signal: AbortSignal): Promise<void> {
    const { storage, agentLayout } = this.#tools;
    if (agentLayout === undefined) return;
    const present = new Set<string>();
    for await (const page of storage.list("", signal)) for (const { key } of page) present.add(key);
    for (const { object, facts, notes, problems } of backups) {
      const isOurs = facts?.extra[notesKey] !== undefined || notes !== undefined;
      if (facts === undefined || problems.length > 0 || !isOurs) continue;
      const key = descriptionKey(agentLayout, object.key, facts.slug);
      if (key === undefined || present.has(key)) continue;
      await this.#write(agentLayout, { object, facts }, signal);
      present.add(key);
    }
  }

  /**
   * Removes the description of an archive that is about to be removed, so that Home Assistant never shows what is not
   * there. Without a description this does nothing. Returns whether there was one.
   */
  async remove({ object, facts }: BackupAtLocation, signal: AbortSignal): Promise<boolean> {
    const { storage, agentLayout } = this.#tools;
    const key = agentLayout && descriptionKey(agentLayout, object.key, facts?.slug);
    if (key === undefined) return false;
    const text = await this.#read(key, signal);
    if (text === undefined || !isAbout(object.key, text)) return false;
    await storage.remove(key, signal);
    return true;
  }

  async #write(layout: AgentLayout, archive: DescribedArchive, signal: AbortSignal): Promise<void> {
    const description = describeForAgent(layout, archive);
    if (description === undefined) return;
    const bytes = new TextEncoder().encode(description.text);
    async function* open() {
      yield bytes;
    }
    const content = { open, size: bytes.length, overwrite: true };
    await this.#tools.storage.write(description.key, content, signal);
  }

  async #read(key: string, signal: AbortSignal): Promise<string | undefined> {
    try {
      const source = await this.#tools.storage.open(key, signal);
      try {
        return new TextDecoder().decode(await source.read(0, Math.min(source.size, longestText)));
      } finally {
        await source.close();
      }
    } catch (error) {
      if (error instanceof StorageError && error.problem === "not-found") return undefined;
      throw error;
    }
  }
}

/** Home Assistant's have some kilobytes. */
const longestText = 1024 * 1024;
