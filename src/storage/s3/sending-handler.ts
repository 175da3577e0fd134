import { Readable } from "node:stream";
import { NodeHttpHandler } from "@smithy/node-http-handler";

/** Told of bytes that have gone to the network. */
export type TellSent = (bytes: number) => void;

type Handle = NodeHttpHandler["handle"];

/**
 * Sends the requests of the SDK, and tells how the bytes of a body leave: by itself the SDK hands a body over at once and
 * is silent until the answer comes, which takes minutes on a slow line.
 */
export class SendingHandler extends NodeHttpHandler {
  readonly #listeners = new WeakMap<Uint8Array, TellSent>();

  /** Tells about every request whose body is these bytes, until it is told otherwise. */
  watch(body: Uint8Array, sent: TellSent): void {
    this.#listeners.set(body, sent);
  }

  override handle(
    request: Parameters<Handle>[0],
    options: Parameters<Handle>[1],
  ): ReturnType<Handle> {
    const body: unknown = request.body;
    const sent = body instanceof Uint8Array ? this.#listeners.get(body) : undefined;
    if (!(body instanceof Uint8Array) || sent === undefined) return super.handle(request, options);
    // The SDK keeps the request with the bytes themselves, so that it can send it again.
    return super.handle(Object.assign(request.clone(), { body: inSlices(body, sent) }), options);
  }
}

const sliceBytes = 256 * 1024;

function inSlices(bytes: Uint8Array, sent: TellSent): Readable {
  let at = 0;
  let last = 0;
  return new Readable({
    highWaterMark: sliceBytes,
    read() {
      if (last > 0) sent(last);
      const slice = bytes.subarray(at, at + sliceBytes);
      at += slice.length;
      last = slice.length;
      this.push(last === 0 ? null : slice);
    },
  });
}
