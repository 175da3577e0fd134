/**
 * Compiles `src/format/blake3/blake3.as.ts` to `blake3.wasm` beside it, or to the file named as first
 * argument. The result is committed, so that running Safehouse needs no compiler; a test builds it
 * again and compares.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const compiler = fileURLToPath(new URL("node_modules/assemblyscript/bin/asc.js", root));
const target = process.argv[2] ?? fileURLToPath(new URL("src/format/blake3/blake3.wasm", root));

const optimise = ["-O3", "--converge", "--noAssert"];
const withoutRuntime = ["--runtime", "stub"];
const features = ["--enable", "simd"];
// Paths relative to the root: the compiler writes them into its messages, and the build must not depend on the place.
execFileSync(
  process.execPath,
  [
    compiler,
    "src/format/blake3/blake3.as.ts",
    "--outFile",
    target,
    ...optimise,
    ...features,
    ...withoutRuntime,
  ],
  { cwd: fileURLToPath(root), stdio: "inherit" },
);
