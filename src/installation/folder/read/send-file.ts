import { readSync } from "node:fs";
import type { BatchSender } from "./batch-sender.ts";
import { describeFileError } from "./file-error.ts";
import { bufferBytes } from "./reader-protocol.ts";

export interface FileToSend {
  readonly descriptor: number;
  readonly path: string;
  /** As the descriptor told it when the file was opened. */
  readonly size: number;
  readonly attributes: {
    readonly mode: number;
    readonly uid: number;
    readonly gid: number;
    readonly mtime: number;
  };
}

/**
 * Sends one file. A small one is read whole before its header, so that its size is what was read; of a
 * large one come exactly as many bytes as its header says, cut or filled with zero bytes if need be.
 *
 * @throws the error of the file system if nothing has been sent yet
 */
export function sendFile(sender: BatchSender, file: FileToSend): void {
  if (file.size <= bufferBytes) sendSmall(sender, file);
  else sendLarge(sender, file);
}

function sendSmall(sender: BatchSender, file: FileToSend): void {
  let room = sender.room(Math.min(file.size + 1, bufferBytes));
  let size = readWhole(file, room);
  if (size === room.length && size < bufferBytes) {
    sender.flush();
    room = sender.room(bufferBytes);
    size = readWhole(file, room);
  }
  const grew = size === bufferBytes && readSync(file.descriptor, new Uint8Array(1), 0, 1, size) > 0;
  sendHeader(sender, file, size);
  sender.filled(size);
  if (grew) noteGrowth(sender, file.path);
}

function sendLarge(sender: BatchSender, file: FileToSend): void {
  sendHeader(sender, file, file.size);
  for (let at = 0; at < file.size;) {
    const room = sender.room(1).subarray(0, file.size - at);
    const count = readOrNote(sender, { ...file, at }, room);
    if (count === 0) return fillUp(sender, file.size - at);
    sender.filled(count);
    at += count;
  }
  if (readSync(file.descriptor, new Uint8Array(1), 0, 1, file.size) > 0)
    noteGrowth(sender, file.path);
}

function sendHeader(sender: BatchSender, file: FileToSend, size: number): void {
  sender.entry({ ...file.attributes, path: file.path, type: "file", size });
}

/** Up to the end of the file or of the room. A read that comes up short has met the end. */
function readWhole(file: FileToSend, room: Uint8Array): number {
  for (let total = 0; ;) {
    const count = readSync(file.descriptor, room, total, room.length - total, total);
    total += count;
    if (count === 0 || total >= file.size || total === room.length) return total;
  }
}

/** 0 if there is nothing more to read, with a note that says why. */
function readOrNote(
  sender: BatchSender,
  file: FileToSend & { readonly at: number },
  room: Uint8Array,
): number {
  const { descriptor, path, at } = file;
  try {
    const count = readSync(descriptor, room, 0, room.length, at);
    if (count === 0) {
      sender.note({
        path,
        problem: "shrank",
        message: `${path} became shorter while it was read; the rest was filled with zero bytes`,
      });
    }
    return count;
  } catch (error) {
    const { reason } = describeFileError(error);
    sender.note({
      path,
      problem: "unreadable",
      message: `${path} could not be read to its end and was filled with zero bytes: ${reason}`,
    });
    return 0;
  }
}

function fillUp(sender: BatchSender, missing: number): void {
  for (let left = missing; left > 0;) {
    const room = sender.room(1).subarray(0, left);
    room.fill(0);
    // Trap: `filled` may send the buffer off, and a view of a buffer that is gone has no length.
    left -= room.length;
    sender.filled(room.length);
  }
}

function noteGrowth(sender: BatchSender, path: string): void {
  sender.note({
    path,
    problem: "grew",
    message: `${path} became longer while it was read; what was added is missing`,
  });
}
