/** `npm run check`: everything that is known about a change without running it. Runs all steps, then reports. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

const steps: readonly (readonly [name: string, tool: string, ...args: string[]])[] = [
  ["format", "oxfmt", "--check", "."],
  ["lint", "oxlint", "--deny-warnings"],
  ["types", "tsc", "-p", "."],
  ["types of the core", "tsc", "-p", "src/core"],
  ["dead code", "knip", "--no-progress"],
];

const failed = steps.filter(([name, tool, ...args]) => !passes(name, tool, args));
if (failed.length > 0) {
  console.error(`\ncheck failed: ${failed.map(([name]) => name).join(", ")}`);
  process.exitCode = 1;
}

function passes(name: string, tool: string, args: readonly string[]): boolean {
  const started = performance.now();
  // The tools are scripts for any Node; ours is the one that surely runs them.
  const program = `${root}/node_modules/.bin/${tool}`;
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [program, ...args], {
    cwd: root,
    encoding: "utf8",
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${status === 0 ? "ok" : "FAILED"}  ${name} (${seconds} s)`);
  if (status !== 0) console.log(`${stdout}${stderr}${error?.message ?? ""}`);
  return status === 0;
}
