import { SafehouseError } from "#core/model/problem.ts";
import { headerLengths } from "./header.ts";
import { messageOverhead, messageSize } from "./secret-stream.ts";

/** @param number the message's place in its stream, from 0; people and `facts` count from 1 */
export function damagedMessage(number: number): SafehouseError {
  const offset = headerLengths.v3 + number * (messageSize + messageOverhead);
  const message = number + 1;
  return new SafehouseError(
    "damaged",
    `Message ${message} of the inner archive, from byte ${offset} on, is damaged: its check value is wrong`,
    { facts: { message, offset } },
  );
}

/** For a kind of message that SecureTar does not use, although its author had the key. */
export function unknownTag(tag: number): SafehouseError {
  return new SafehouseError(
    "damaged",
    `The inner archive holds a message of the unknown kind ${tag}`,
  );
}
