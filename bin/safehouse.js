#!/usr/bin/env node
// The launcher: plain JavaScript for any Node from 18 on. It finds a runtime that is new enough and hands over to it.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import * as nodeModule from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const oldestMajor = 26;
const oldestMinor = 9;

if (isNewEnough(process.versions.node)) await start();
else handOver();

/** Runs the shipped bundle, or the source in a checkout that has not been built. */
async function start() {
  nodeModule.enableCompileCache(compileCacheFolder());
  const bundle = new URL("../dist/safehouse.js", import.meta.url);
  await import(isFresh(bundle) ? bundle.href : new URL("../src/app/main.ts", import.meta.url).href);
}

/** @param {URL} bundle True if it is there and, in a checkout, no source has changed since. */
function isFresh(bundle) {
  const built = statSync(bundle, { throwIfNoEntry: false })?.mtimeMs;
  const source = fileURLToPath(new URL("../src", import.meta.url));
  if (built === undefined || !existsSync(source)) return built !== undefined;
  const files = readdirSync(source, { recursive: true });
  return files.every((file) => statSync(join(source, file)).mtimeMs <= built);
}

/** Not Node's default below the shared temporary folder, where others could put code for us to run. */
function compileCacheFolder() {
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(caches, "safehouse", "compiled");
}

function handOver() {
  const runtime = findRuntime();
  if (runtime === undefined) {
    refuse(`no runtime for ${process.platform}-${process.arch} is installed with it`);
    return;
  }
  const script = fileURLToPath(import.meta.url);
  // What is backed up lies outside of the heap; see src/app/serve/memory-flags.ts.
  const args = [
    ...process.execArgv,
    "--max-semi-space-size=2",
    "--initial-old-space-size=96",
    script,
    ...process.argv.slice(2),
  ];
  if (typeof process.execve === "function")
    process.execve(runtime, [runtime, ...args], process.env);
  else superviseChild(runtime, args);
}

/** Path of the Node that npm installed with us, if it has one for this machine. */
function findRuntime() {
  try {
    const find = nodeModule.createRequire(import.meta.url);
    const manifest = find.resolve(`node-${process.platform}-${process.arch}/package.json`);
    const runtime = join(dirname(manifest), "bin", "node");
    return existsSync(runtime) ? runtime : undefined;
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
    return undefined;
  }
}

/** Runs the runtime as a child that gets our signals and whose end is ours. */
function superviseChild(runtime, args) {
  const child = spawn(runtime, args, { stdio: "inherit" });
  const forward = (signal) => child.kill(signal);
  for (const signal of ["SIGTERM", "SIGHUP", "SIGUSR2"]) process.on(signal, forward);
  // A terminal sends Ctrl-C to the child as well; once is enough.
  process.on("SIGINT", process.stdin.isTTY ? () => undefined : forward);
  child.on("error", (error) => {
    refuse(`the runtime that came with it does not start here (${error.code ?? error.message})`);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** @param {string} why */
function refuse(why) {
  console.error(
    `Safehouse needs Node ${oldestMajor}.${oldestMinor} or newer; this is Node ${process.versions.node} and ${why}.\n` +
      `Install a current Node from https://nodejs.org, or, on Linux for x64 or arm64, run "npm ci" in Safehouse's folder without --omit=optional.`,
  );
  process.exitCode = 1;
}

/** @param {string} version */
function isNewEnough(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}
