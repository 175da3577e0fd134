import { MemoryLocker, Metadata, Server, type Upload } from "@tus/server";
import { is } from "valibot";
import { SafehouseError } from "#core/model/problem.ts";
import { receiveArchive } from "#jobs/backup/receive-archive.ts";
import type { OpenLocation } from "#operations/services.ts";
import { atLocation } from "#operations/at-location.ts";
import type { HomeContext } from "#operations/home-context.ts";
import { givenId } from "#operations/schema/names.ts";
import {
  asProtocolProblem,
  asWriteFailure,
  finalRefusal,
  isRefusal,
  noUpload,
} from "./upload-failure.ts";
import { newUploadId, parseUploadId } from "./upload-id.ts";
import { UploadStore, type UploadState } from "./upload-store.ts";

/** Where one upload comes in. */
interface Desk {
  readonly place: OpenLocation;
  readonly store: UploadStore;
  readonly context: HomeContext;
}

/**
 * Uploads that may be cut and continued, also after a restart, as tus 1.0 has them. All that is known of them lies
 * beside their bytes; here is only who is at work.
 */
export class ResumableUploads {
  readonly #received: () => void;
  readonly #locker = new MemoryLocker();
  /** Uploads that become backups right now, by id: whoever asks meanwhile waits. */
  readonly #finishing = new Map<string, Promise<void>>();

  /** @param received told when an upload has become a backup */
  constructor(received: () => void) {
    this.#received = received;
  }

  /** Answers a request that begins an upload. */
  async begin(request: Request, context: HomeContext): Promise<Response> {
    const { location } = wishesOf(request.headers.get("Upload-Metadata"));
    await using place = await context.services.openLocation(atLocation(context, location));
    return await this.#answer(request, await deskOf(place, context), newUploadId(location));
  }

  /** Answers a request about an upload. One that has all of its bytes becomes a backup before that is told. */
  async goOn(request: Request, id: string, context: HomeContext): Promise<Response> {
    await using place = await this.#placeOf(id, context);
    const desk = await deskOf(place, context);
    if (request.method === "HEAD") await this.#finishIfWhole(id, desk);
    return await this.#answer(request, desk, id);
  }

  /** How far an upload is, and what it has become. Rejects with `not-found`. */
  async state(id: string, context: HomeContext): Promise<UploadState> {
    await using place = await this.#placeOf(id, context);
    const desk = await deskOf(place, context);
    await this.#finishIfWhole(id, desk);
    const state = await desk.store.state(id);
    if (state === undefined) throw noUpload(id);
    return state;
  }

  async #placeOf(id: string, context: HomeContext): Promise<OpenLocation> {
    const meant = parseUploadId(id);
    if (meant === undefined) throw noUpload(id);
    return context.services.openLocation(atLocation(context, meant.location));
  }

  async #answer(request: Request, desk: Desk, id: string): Promise<Response> {
    const failures: unknown[] = [];
    const server = new Server({
      path: "/uploads",
      datastore: desk.store,
      locker: this.#locker,
      namingFunction: () => id,
      getFileIdFromRequest: () => id,
      // Relative to the address that was asked for, which a proxy may have changed on the way.
      generateUrl: () => `uploads/${id}`,
      allowedOrigins: () => false,
      onUploadCreate: (_, upload) => admit(upload, desk),
      onUploadFinish: async () => {
        await this.#finish(id, desk);
        return {};
      },
      onResponseError: (_, error) => {
        failures.push(error);
        return undefined;
      },
    });
    const response = await server.handleWeb(request);
    if (response.status < 400) return withoutCors(response);
    const told = { status_code: response.status, body: await response.text() };
    const [failure = told] = failures;
    throw asProtocolProblem(asWriteFailure(failure, desk.place.location.id));
  }

  async #finishIfWhole(id: string, desk: Desk): Promise<void> {
    const state = await desk.store.state(id);
    if (state !== undefined && !state.received && state.offset === state.size)
      await this.#finish(id, desk);
  }

  async #finish(id: string, desk: Desk): Promise<void> {
    const already = this.#finishing.get(id);
    if (already !== undefined) return already;
    const finishing = this.#receive(id, desk);
    this.#finishing.set(id, finishing);
    try {
      await finishing;
    } finally {
      this.#finishing.delete(id);
    }
  }

  /** Goes on when the sender has gone: all of it is there. */
  async #receive(id: string, { place, store, context }: Desk): Promise<void> {
    const { location, incoming } = place;
    const state = await store.state(id);
    if (state === undefined || state.received) return;
    try {
      const { signal } = new AbortController();
      const fileName = state.metadata["filename"] ?? undefined;
      const report = (): void => undefined;
      const options = { location, incoming, fileName, report, signal };
      await store.received(id, await receiveArchive(id, options));
      this.#received();
    } catch (error) {
      const failure = context.services.translateError(error);
      if (!isRefusal(failure)) throw failure;
      await store.remove(id);
      throw finalRefusal(failure);
    }
  }
}

async function deskOf(place: OpenLocation, context: HomeContext): Promise<Desk> {
  const folder = await place.incoming.folder(context.signal);
  return { place, store: new UploadStore(folder), context };
}

/** Refuses what could never become a backup before its first byte. */
async function admit(
  { size, metadata }: Upload,
  { place, store, context: { services, signal } }: Desk,
): Promise<Record<string, never>> {
  const fileName = metadata?.["filename"] ?? undefined;
  try {
    if (fileName !== undefined) await place.location.checkNewName(fileName, signal);
  } catch (error) {
    const failure = services.translateError(error);
    throw isRefusal(failure) ? finalRefusal(failure) : failure;
  }
  await place.incoming.checkRoom((size ?? 0) + (await store.expectedBytes()), signal);
  return {};
}

function wishesOf(header: string | null): { readonly location: string | undefined } {
  const location = header === null ? undefined : (parseMetadata(header)["location"] ?? undefined);
  if (location === undefined || is(givenId, location)) return { location };
  throw new SafehouseError("usage", "The metadata names what is no id of a location");
}

function parseMetadata(header: string): Readonly<Record<string, string | null>> {
  try {
    return Metadata.parse(header);
  } catch (cause) {
    throw new SafehouseError("usage", "The header Upload-Metadata cannot be read", { cause });
  }
}

/** Pages of other sites have no business here. */
function withoutCors({ body, status, headers }: Response): Response {
  const kept = [...headers].filter(([name]) => !name.startsWith("access-control-"));
  return new Response(body, { status, headers: kept });
}
