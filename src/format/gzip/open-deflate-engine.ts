import type { DeflateEngine, DeflateEngineName } from "./deflate-engine.ts";
import { openIsalEngine } from "./isal-engine.ts";
import { openWasmEngine } from "./wasm-engine.ts";
import { zlibEngine } from "./zlib-engine.ts";

/**
 * Loads an engine; it serves one thread.
 * @throws SafehouseError `unsupported` when the engine is not there
 */
export async function openDeflateEngine(name: DeflateEngineName): Promise<DeflateEngine> {
  switch (name) {
    case "wasm":
      return openWasmEngine();
    case "zlib":
      return zlibEngine;
    case "isal":
      return openIsalEngine();
  }
}
