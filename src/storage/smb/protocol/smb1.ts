import { connect } from "node:net";
import { once } from "node:events";
import type { ServerAddress } from "./transport.ts";

const answerInMs = 5000;

/** A server that knows SMB2 answers to one of these in SMB2, [MS-SMB2] 3.3.5.3.1. */
const offered = ["NT LM 0.12", "SMB 2.002", "SMB 2.???"];

/** The question of SMB1 which dialect the server speaks, [MS-CIFS] 2.2.4.52.1. */
function question(): Buffer {
  const head = Buffer.alloc(32);
  head.writeUInt32BE(0xff534d42, 0);
  head[4] = 0x72;
  head[9] = 0x18;
  head.writeUInt16LE(0xc801, 10);
  const dialects = Buffer.from(offered.map((name) => `\x02${name}\0`).join(""), "latin1");
  const size = Buffer.from([0, dialects.length, 0]);
  const message = Buffer.concat([head, size, dialects]);
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(message.length);
  return Buffer.concat([prefix, message]);
}

/**
 * Whether a server that hangs up on us would have answered SMB1, and nothing newer: only for telling people why. Whatever
 * keeps this from being found out means no; rejects with the signal's reason alone.
 */
export async function speaksOnlySmb1(
  address: ServerAddress,
  signal: AbortSignal,
): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(answerInMs)]);
  const socket = connect({ ...address, signal: limit });
  try {
    socket.write(question());
    const [answer] = (await once(socket, "data", { signal: limit })) as [Buffer];
    return answer.length >= 8 && answer.readUInt32BE(4) === 0xff534d42;
  } catch {
    signal.throwIfAborted();
    return false;
  } finally {
    socket.on("error", () => undefined).destroy();
  }
}
