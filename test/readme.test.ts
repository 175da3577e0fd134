import assert from "node:assert/strict";
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const checkout = fileURLToPath(new URL("..", import.meta.url));
const homeInReadme = "/srv/homeassistant";

test("every command of the README works, in order", () => {
  const folder = mkdtempSync(join(tmpdir(), "safehouse-readme-"));
  try {
    const home = join(folder, "home");
    makeHome(home);
    symlinkSync(join(checkout, "bin"), join(folder, "bin"));
    const { status, stdout, stderr } = runScript(readmeScript(home), folder);
    assert.equal(status, 0, `${stdout}\n${stderr}`);
    assert.match(stdout, /read back and proven, encrypted/);
    assert.match(stdout, /nothing was changed/);
    assert.match(stdout, /The state before the restore is back/);
    assert.match(stdout, /^default_config:$/m);
    assert.equal(readFileSync(join(folder, "extracted/ssl/privkey.pem"), "utf8"), "no key\n");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the README speaks of every group of commands", () => {
  const help = spawnSync(process.execPath, [join(checkout, "bin/safehouse.js"), "--help"]);
  const commands = help.stdout.toString().matchAll(/^ {2}([a-z]+) /gm);
  const readme = readFileSync(join(checkout, "README.md"), "utf8");
  const docs = readFileSync(join(checkout, "docs/cli.md"), "utf8");
  for (const [, command = ""] of commands) {
    if (command === "help") continue;
    assert.ok(`${readme}\n${docs}`.includes(`safehouse ${command}`), command);
  }
});

/** The blocks marked `bash`; the one marked `sh` installs and tests, which is under way already. */
function readmeScript(home: string): string {
  const readme = readFileSync(join(checkout, "README.md"), "utf8");
  const blocks = Array.from(readme.matchAll(/^```bash\n(.*?)^```$/gms), ([, block = ""]) => block);
  assert.ok(blocks.length >= 4, "the README has lost its commands");
  assert.ok(blocks.join("").includes(homeInReadme));
  return blocks.join("\n").replaceAll(homeInReadme, home);
}

/** A shell stops expanding aliases when it runs a script, and a person types one line after the other. */
function runScript(script: string, folder: string): SpawnSyncReturns<string> {
  const file = join(folder, "readme.sh");
  writeFileSync(file, `shopt -s expand_aliases\nset -euo pipefail\n${script}`);
  return spawnSync("bash", [file], {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: folder, SAFEHOUSE_SOURCE: "1" },
  });
}

function makeHome(home: string): void {
  for (const name of ["config/.storage", "share", "ssl", "media"]) {
    mkdirSync(join(home, name), { recursive: true });
  }
  writeFileSync(join(home, "config/.HA_VERSION"), "2026.8.0");
  writeFileSync(join(home, "config/configuration.yaml"), "default_config:\n");
  writeFileSync(join(home, "config/.storage/core.config"), "{}\n");
  writeFileSync(join(home, "share/notes.txt"), "notes\n");
  writeFileSync(join(home, "ssl/privkey.pem"), "no key\n");
}
