import type { SmbConnection } from "./connection.ts";
import { access, disposition, sharing, SmbFile } from "./file.ts";
import { SmbTree } from "./tree.ts";

/** `srvsvc` 3.0 and NDR 2.0 as [C706] writes them: 4B324FC8-1670-01D3-1278-5A47BF6EE188, 8A885D04-1CEB-11C9-9FE8-08002B104860. */
const service = Buffer.from("c84f324b7016d30112785a47bf6ee18803000000", "hex");
const encoding = Buffer.from("045d888aeb1cc9119fe808002b10486002000000", "hex");
const enumerateShares = 15;
const longestAnswer = 65_536;

/**
 * Names of the folders that a server shares, without the hidden ones: NetrShareEnum of [MS-SRVS] 3.1.4.8. Servers may keep
 * them to themselves: then rejects with `SmbError`.
 */
export async function listShares(
  connection: SmbConnection,
  host: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const tree = await SmbTree.connect(connection, `\\\\${host}\\IPC$`, signal);
  const pipe = await SmbFile.open(
    tree,
    {
      path: "srvsvc",
      access: access.read | access.write,
      sharing: sharing.all,
      disposition: disposition.open,
      kind: "file",
    },
    signal,
  );
  try {
    await pipe.write(0, bind());
    await pipe.read(0, 4096, signal);
    await pipe.write(0, enumeration(host));
    return readShares(await wholeAnswer(pipe, signal));
  } finally {
    await pipe.close();
  }
}

function bind(): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt16LE(4280, 0);
  body.writeUInt16LE(4280, 2);
  body[8] = 1;
  body[14] = 1;
  return packet(11, Buffer.concat([body, service, encoding]));
}

function enumeration(host: string): Buffer {
  const name = Buffer.from(`\\\\${host}\0`, "utf16le");
  const text = Buffer.alloc(12 + Math.ceil(name.length / 4) * 4);
  text.writeUInt32LE(name.length / 2, 0);
  text.writeUInt32LE(name.length / 2, 8);
  name.copy(text, 12);
  // Level 1, an empty list to be filled, as much as there is, from the beginning.
  const order = numbers(1, 1, 0x20004, 0, 0, 0xffffffff, 0);
  const arguments_ = Buffer.concat([numbers(0x20000), text, order]);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(arguments_.length, 0);
  head.writeUInt16LE(enumerateShares, 6);
  return packet(0, Buffer.concat([head, arguments_]));
}

const rpcHeadBytes = 16;
const answerHeadBytes = 24;
const lastFragment = 2;

/** Head of a message of DCE/RPC, [C706] 12.6.3: first and last fragment, little-endian. */
function packet(kind: number, body: Buffer): Buffer {
  const head = Buffer.alloc(rpcHeadBytes);
  head.set([5, 0, kind, 3, 0x10, 0, 0, 0]);
  head.writeUInt16LE(rpcHeadBytes + body.length, 8);
  head.writeUInt32LE(1, 12);
  return Buffer.concat([head, body]);
}

/** What the fragments of an answer carry. */
async function wholeAnswer(pipe: SmbFile, signal: AbortSignal): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (;;) {
    const fragment = await pipe.read(0, longestAnswer, signal);
    if (fragment.length < answerHeadBytes || fragment[2] !== 2) break;
    parts.push(fragment.subarray(answerHeadBytes, fragment.readUInt16LE(8)));
    if (((fragment[3] ?? 0) & lastFragment) !== 0) break;
  }
  return Buffer.concat(parts);
}

/** Folders are type 0; printers, pipes and what is hidden have others. */
function readShares(answer: Buffer): readonly string[] {
  if (answer.length < 24) return [];
  const count = answer.readUInt32LE(12);
  if (count === 0 || answer.readUInt32LE(16) === 0) return [];
  const types = Array.from({ length: count }, (_, index) => answer.readUInt32LE(28 + index * 12));
  let at = 24 + count * 12;
  const text = (): string => {
    const length = answer.readUInt32LE(at + 8);
    const begin = at + 12;
    at = begin + Math.ceil((length * 2) / 4) * 4;
    return answer.toString("utf16le", begin, begin + length * 2).replace(/\0$/, "");
  };
  const named = types.map((type) => {
    const name = text();
    text();
    return { type, name };
  });
  return named.filter(({ type }) => type === 0).map(({ name }) => name);
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32LE(value, index * 4));
  return bytes;
}
