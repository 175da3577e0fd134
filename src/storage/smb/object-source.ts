import type { ByteSource } from "#core/ports.ts";
import { settledOrAborted } from "../interruptible.ts";
import type { ByteRange } from "../provider.ts";
import { access, disposition, sharing, SmbFile } from "./protocol/file.ts";
import type { SmbTree } from "./protocol/tree.ts";

/** Pieces under way at a time. */
const piecesAtOnce = 6;

/** Opens a file for reading; others may still write, replace and remove it. */
export function openForReading(tree: SmbTree, path: string, signal: AbortSignal): Promise<SmbFile> {
  const request = { path, access: access.read, sharing: sharing.all, kind: "file" } as const;
  return SmbFile.open(tree, { ...request, disposition: disposition.open }, signal);
}

/** An open file as a `ByteSource`. @param translating for what goes wrong */
export function fileSource(
  file: SmbFile,
  translating: <Result>(work: () => Promise<Result>) => Promise<Result>,
  signal: AbortSignal,
): ByteSource {
  const { size } = file.facts;
  return {
    size,
    read: (offset, length) =>
      translating(async () => {
        signal.throwIfAborted();
        const parts: Uint8Array[] = [];
        for await (const part of piecesOf(file, { offset, length }, signal)) parts.push(part);
        const [only] = parts;
        return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
      }),
    close: () => translating(() => file.close()),
  };
}

/** A range of an open file, several pieces of which are under way at a time. It ends where the file ends. */
export async function* piecesOf(
  file: SmbFile,
  { offset, length }: ByteRange,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const end = Math.min(file.facts.size, length === undefined ? Infinity : offset + length);
  const { connection } = file;
  const under: Promise<Buffer>[] = [];
  let next = offset;
  const ask = (): void => {
    const bytes = Math.min(
      connection.pieceBytes(connection.agreement?.maxRead ?? 65_536),
      end - next,
    );
    const piece = wholePiece(file, { offset: next, length: bytes }, signal);
    // Those behind one that fails are not waited for.
    piece.catch(() => undefined);
    under.push(piece);
    next += bytes;
  };
  while (next < end || under.length > 0) {
    while (next < end && under.length < piecesAtOnce) ask();
    const piece = under.shift();
    if (piece === undefined) return;
    const bytes = await settledOrAborted(piece, signal);
    if (bytes.length > 0) yield bytes;
  }
}

/** A server may give less than it was asked for. */
async function wholePiece(
  file: SmbFile,
  { offset, length }: Required<ByteRange>,
  signal: AbortSignal,
): Promise<Buffer> {
  const bytes = await file.read(offset, length, signal);
  if (bytes.length === length || bytes.length === 0) return bytes;
  const rest = { offset: offset + bytes.length, length: length - bytes.length };
  return Buffer.concat([bytes, await wholePiece(file, rest, signal)]);
}
