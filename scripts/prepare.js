// Run by npm after an installation: bundles the program, so that it starts fast and takes little memory.
// Without the tools for it (npm ci --omit=dev) the source runs as it is.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const isBuildable = await import("esbuild").then(
  () => true,
  (error) => {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    return false;
  },
);
if (isBuildable) {
  const script = fileURLToPath(new URL("build.ts", import.meta.url));
  process.exitCode = spawnSync("node", [script], { stdio: "inherit" }).status ?? 1;
}
