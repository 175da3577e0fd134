import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const project = fileURLToPath(new URL("..", import.meta.url));
const checkout = mkdtempSync(join(tmpdir(), "safehouse-launcher-"));
const launcher = join(checkout, "bin", "safehouse.js");
const olderNode = findOlderNode();
const withOlderNode = { skip: olderNode === undefined ? "absent: a Node older than 26.9" : false };

mkdirSync(join(checkout, "bin"));
mkdirSync(join(checkout, "src", "app"), { recursive: true });
copyFileSync(join(project, "bin", "safehouse.js"), launcher);
symlinkSync(join(project, "node_modules"), join(checkout, "node_modules"));
writeFileSync(join(checkout, "package.json"), JSON.stringify({ type: "module" }));
after(() => rmSync(checkout, { recursive: true }));

/** A program whose TypeScript no older Node would run. */
function programIs(code: string): void {
  writeFileSync(join(checkout, "src", "app", "main.ts"), `const typed: number = 1;\n${code}\n`);
}

test("a current Node runs the source and gets the arguments", () => {
  programIs("console.log(typed, ...process.argv.slice(2));");
  const { stdout } = spawnSync(process.execPath, [launcher, "backups", "--json"], {
    encoding: "utf8",
  });
  assert.equal(stdout, "1 backups --json\n");
});

test("a bundle takes the place of the source", () => {
  mkdirSync(join(checkout, "dist"));
  writeFileSync(join(checkout, "dist", "safehouse.js"), `console.log("bundle");`);
  const { stdout } = spawnSync(process.execPath, [launcher], { encoding: "utf8" });
  rmSync(join(checkout, "dist"), { recursive: true });
  assert.equal(stdout, "bundle\n");
});

test("an older Node hands over: arguments, input, output and exit code", withOlderNode, () => {
  programIs(`
    for await (const input of process.stdin) console.log(process.argv[2], String(input));
    process.exitCode = 7;`);
  const { stdout, status } = spawnSync(olderNode ?? "", [launcher, "got"], {
    encoding: "utf8",
    input: "typed",
  });
  assert.equal(stdout, "got typed\n");
  assert.equal(status, 7);
});

test("an older Node passes a signal on and ends as the program did", withOlderNode, async () => {
  programIs(`
    process.on("SIGTERM", () => process.exit(9));
    setInterval(() => undefined, 1000);
    console.log("ready");`);
  const child = spawn(olderNode ?? "", [launcher], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  child.kill("SIGTERM");
  const [code] = (await once(child, "exit")) as [number | null];
  assert.equal(code, 9);
});

test("an older Node dies of the signal that the program died of", withOlderNode, () => {
  programIs(`process.kill(process.pid, "SIGKILL"); setInterval(() => undefined, 1000);`);
  assert.equal(spawnSync(olderNode ?? "", [launcher]).signal, "SIGKILL");
});

test("an older Node without a runtime says what to do", withOlderNode, () => {
  const alone = mkdtempSync(join(tmpdir(), "safehouse-launcher-alone-"));
  writeFileSync(join(alone, "package.json"), JSON.stringify({ type: "module" }));
  copyFileSync(launcher, join(alone, "safehouse.js"));
  const { stderr, status } = spawnSync(olderNode ?? "", [join(alone, "safehouse.js")], {
    encoding: "utf8",
  });
  rmSync(alone, { recursive: true });
  assert.match(stderr, /needs Node 26\.9 or newer; this is Node \d+/);
  assert.match(stderr, /https:\/\/nodejs\.org/);
  assert.equal(status, 1);
});

/** The Node that runs npm, or the system's: on the machines that need the launcher it is an old one. */
function findOlderNode(): string | undefined {
  const candidates = [process.env.npm_node_execpath, "/usr/bin/node", "/usr/local/bin/node"];
  return candidates.find((candidate) => {
    if (candidate === undefined || !existsSync(candidate)) return false;
    const { stdout } = spawnSync(candidate, ["-p", "process.versions.node"], { encoding: "utf8" });
    const [major = 0, minor = 0] = stdout.split(".").map(Number);
    return major >= 18 && (major < 26 || (major === 26 && minor < 9));
  });
}
