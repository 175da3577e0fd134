import { SafehouseError } from "#core/model/problem.ts";
import { DeflatePool } from "#format/gzip/deflate-pool.ts";
import type { DeflateEngineName } from "#format/gzip/deflate-engine.ts";

const engines: readonly DeflateEngineName[] = ["wasm", "zlib", "isal"];

/**
 * Opens the compressing threads when they are first needed, once. `SAFEHOUSE_DEFLATE` chooses the
 * encoder: `wasm` (default), `isal` (needs the ISA-L library) or `zlib` (slow, a little smaller).
 */
export class SharedPool implements AsyncDisposable {
  readonly #engine: string;
  #pool: Promise<DeflatePool> | undefined;

  constructor(engine: string | undefined) {
    this.#engine = engine ?? "wasm";
  }

  open(): Promise<DeflatePool> {
    this.#pool ??= DeflatePool.open({ engine: parseEngine(this.#engine) });
    return this.#pool;
  }

  /** Ends the threads and gives their memory back; `open` starts new ones. */
  async close(): Promise<void> {
    const pool = await this.#pool;
    this.#pool = undefined;
    await pool?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function parseEngine(name: string): DeflateEngineName {
  const engine = engines.find((known) => known === name);
  if (engine !== undefined) return engine;
  throw new SafehouseError("usage", `SAFEHOUSE_DEFLATE is ${name}`, {
    advice: `Use one of ${engines.join(", ")}`,
  });
}
