import { StorageError } from "../errors.ts";
import { interruptible } from "../interruptible.ts";
import type { Content, Resume, StoredObject } from "../provider.ts";
import { chunkLength } from "./chunk-sizes.ts";
import { beginUpload, ChunkedUpload, type ChunkedTarget } from "./chunked-upload.ts";
import { ChunkedWriter, tooLarge } from "./chunked-writer.ts";
import { translating } from "./errors.ts";
import { readUploadState, writeUploadState, type UploadState } from "./upload-state.ts";

/** A target whose size is known. */
export type SizedTarget = ChunkedTarget & { readonly size: number };

/**
 * What `keep` was told by attempts of this process. Whoever tries again does so with the content of the first attempt,
 * and that does not say what was kept since.
 */
const keptLast = new WeakMap<Resume, string>();

/** Sends an object in chunks, and only those that the server does not have yet. */
export async function writeResumable(
  target: SizedTarget,
  content: Content & { readonly resume: Resume },
  signal: AbortSignal,
): Promise<StoredObject> {
  const { resume } = content;
  const keep = async (state: UploadState): Promise<void> => {
    const text = writeUploadState(state);
    keptLast.set(resume, text);
    await resume.keep(text);
  };
  const before = await translating(target.place.doing(target.key), signal, () =>
    goOn(target, keptLast.get(resume) ?? resume.state, signal),
  );
  if (before !== undefined && "version" in before) return before;
  const { state, from } = before ?? (await begin(target, signal));
  if (before === undefined) await keep(state);
  const upload = ChunkedUpload.named(target, state.upload);
  await using writer = new ChunkedWriter(
    {
      target,
      upload,
      from,
      replaced: state.replaced,
      isKept: true,
      beforeAssembly: () => keep({ ...state, isMoving: true }),
    },
    signal,
  );
  if (from < target.size) {
    for await (const bytes of interruptible(content.open(from), signal)) await writer.write(bytes);
  }
  return await writer.commit();
}

interface Begun {
  readonly state: UploadState;
  /** Bytes that the server has confirmed. */
  readonly from: number;
}

/** Finds an earlier upload: where it stands, or the object that it came to meanwhile. Undefined: it begins anew. */
async function goOn(
  target: SizedTarget,
  kept: string | undefined,
  signal: AbortSignal,
): Promise<Begun | StoredObject | undefined> {
  const state = readUploadState(kept);
  if (state === undefined || state.key !== target.key || state.size !== target.size)
    return undefined;
  if (state.chunk !== chunkLength(target.size)) return undefined;
  const upload = ChunkedUpload.named(target, state.upload);
  const from = await upload.confirmed(state, signal);
  if (from !== undefined) return { state, from };
  return state.isMoving ? upload.outcome(state, signal) : undefined;
}

async function begin(target: SizedTarget, signal: AbortSignal): Promise<Begun> {
  const { place, key, size, overwrite } = target;
  const chunk = chunkLength(size);
  if (chunk === undefined) throw tooLarge(key);
  const there = await place.find(key, signal);
  if (there !== undefined && !overwrite) {
    throw new StorageError("already-exists", `There is a ${key} already`, { key });
  }
  const { name } = await beginUpload(target, signal);
  const replaced = there?.version ?? null;
  return { state: { upload: name, key, size, chunk, isMoving: false, replaced }, from: 0 };
}
