import { realpath } from "node:fs/promises";
import { partName } from "#core/model/part.ts";
import type { Part } from "#core/model/part.ts";
import type { PartEvent } from "#core/model/part-event.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { ReadOptions } from "../../installation.ts";
import type { HomePaths } from "../home-paths.ts";
import { rememberedAddon, synthesizedAddon, writeAddonDocument } from "./addon-json.ts";
import { coreSettings } from "./core-settings.ts";
import { homeassistantVersion } from "./describe-home.ts";
import { requirePartRoot } from "./part-root.ts";
import { decodeBatch, sharedBuffer } from "./reader-protocol.ts";
import type { ReaderTask } from "./reader-protocol.ts";
import { runReader } from "./run-reader.ts";

export interface PartRequest extends ReadOptions {
  readonly part: Part;
}

/**
 * Reads one part of a home as the entries of its inner archive (docs/format.md, section 6).
 * • Names are sorted by their bytes within each folder; a folder comes before its content.
 * • Memory is constant; at most 8 MiB are read ahead.
 *
 * @throws SafehouseError `not-found` if the part has no folder here, `cancelled` at once when aborted,
 *   `busy` if this process is reading the same part already
 */
export async function* readPart(
  paths: HomePaths,
  request: PartRequest,
  signal: AbortSignal,
): AsyncGenerator<readonly PartEvent[], void, undefined> {
  const root = requirePartRoot(paths, request.part);
  const release = await claim(root, request.part);
  try {
    const document = await documentOf(paths, request.part);
    const { part, database, rules } = request;
    const task = {
      kind: "read" as const,
      part,
      root,
      database,
      rules,
      dataDir: paths.dataDir,
      ...(document && { document }),
    };
    for await (const { message, memory } of runReader(task, signal)) {
      if (message.kind !== "batch") continue;
      yield decodeBatch(message.events, sharedBuffer(memory, message.buffer));
    }
  } finally {
    release();
  }
}

const rootsBeingRead = new Set<string>();

/**
 * Two readers of one database in one process would drop each other's locks on it (see `sqlite-live.ts`),
 * and one of the two copies would be torn.
 */
async function claim(root: string, part: Part): Promise<() => void> {
  const place = await realpath(root).catch((error: unknown) => {
    throw new SafehouseError("not-found", `The folder ${root} cannot be reached`, {
      subject: partName(part),
      cause: error,
    });
  });
  if (rootsBeingRead.has(place))
    throw new SafehouseError("busy", `${partName(part)} is being read already`, {
      subject: partName(part),
    });
  rootsBeingRead.add(place);
  return () => rootsBeingRead.delete(place);
}

async function documentOf(paths: HomePaths, part: Part): Promise<ReaderTask["document"]> {
  if (part.kind === "homeassistant")
    return { name: "homeassistant.json", text: coreSettings(await homeassistantVersion(paths)) };
  if (part.kind !== "addon") return undefined;
  const document = (await rememberedAddon(paths.dataDir, part.slug)) ?? synthesizedAddon(part.slug);
  return { name: "addon.json", text: writeAddonDocument(document) };
}
