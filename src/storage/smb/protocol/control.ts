import { bodyAt, type SmbRequest } from "./connection.ts";
import { command } from "./header.ts";

/** An order of [MS-FSCC] 2.3 that is not about a file. */
export function controlRequest(code: number, input: Buffer, answerBytes: number): SmbRequest {
  const body = Buffer.alloc(56);
  body.writeUInt16LE(57, 0);
  body.writeUInt32LE(code, 4);
  body.fill(0xff, 8, 24);
  body.writeUInt32LE(bodyAt + body.length, 24);
  body.writeUInt32LE(input.length, 28);
  body.writeUInt32LE(answerBytes, 44);
  body.writeUInt32LE(1, 48);
  return { command: command.control, body: [body, input] };
}

/** What an answer to such an order holds. */
export function controlOutput(message: Buffer): Buffer {
  const begin = message.readUInt32LE(bodyAt + 32);
  return message.subarray(begin, begin + message.readUInt32LE(bodyAt + 36));
}
