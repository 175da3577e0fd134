import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";

/** What a download needs of its request besides what is wished for. */
export interface DownloadRequest {
  readonly header: (name: string) => string | undefined;
  /** Only headers are to be answered. */
  readonly headOnly: boolean;
  /**
   * Breaks the connection. The library that writes answers would write the message of a body's failure behind what was
   * sent, and end the answer well: nobody could tell it from a whole one.
   */
  readonly breakOff: () => void;
}

/** The same of a request as Hono has it. */
export function downloadRequestOf({ req, env }: Context): DownloadRequest {
  const { outgoing } = env as Partial<HttpBindings>;
  return {
    header: (name) => req.header(name),
    headOnly: req.raw.method === "HEAD",
    breakOff: () => void outgoing?.destroy(),
  };
}
