import assert from "node:assert/strict";
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const checkout = fileURLToPath(new URL("..", import.meta.url));
const homeInReadme = "/srv/homeassistant";
const shareInReadme = "/mnt/nas/backups";

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

test("docs/cli.md describes every command that there is, and no other", () => {
  const docs = readFileSync(join(checkout, "docs/cli.md"), "utf8");
  const described = new Set(docs.match(/(?<=`safehouse )[a-z]+(?: [a-z]+)?(?=[ `])/g));
  for (const group of commandsOf([])) {
    const inner = commandsOf([group]);
    const names = inner.length === 0 ? [group] : inner.map((name) => `${group} ${name}`);
    for (const name of names) {
      const short =
        docs.includes(`\`safehouse ${group} list\` / `) &&
        docs.includes(` / \`${name.split(" ")[1]} `);
      assert.ok(described.has(name) || short, `${name} is not described`);
      described.delete(name);
    }
  }
  assert.deepEqual([...described], []);
});

test("links between the documents lead somewhere", () => {
  const documents = [
    "README.md",
    "CONTRIBUTING.md",
    ...globSync("docs/**/*.md", { cwd: checkout }),
  ];
  for (const document of documents) {
    const text = readFileSync(join(checkout, document), "utf8");
    for (const [, link = ""] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      assert.ok(existsSync(join(checkout, dirname(document), link)), `${document}: ${link}`);
    }
  }
});

/** Names of the commands below a group, aliases left out. */
function commandsOf(group: readonly string[]): string[] {
  const program = join(checkout, "bin/safehouse.js");
  const help = spawnSync(process.execPath, [program, ...group, "--help"], { encoding: "utf8" });
  const commands = help.stdout.split(/^Commands:$/m)[1]?.split("\n\n")[0] ?? "";
  const names = Array.from(commands.matchAll(/^ {2}([a-z]+)/gm), ([, name = ""]) => name);
  return names.filter((name) => name !== "help");
}

/** The blocks marked `bash`; the one marked `sh` installs and tests, which is under way already. */
function readmeScript(home: string): string {
  const readme = readFileSync(join(checkout, "README.md"), "utf8");
  const blocks = Array.from(readme.matchAll(/^```bash\n(.*?)^```$/gms), ([, block = ""]) => block);
  assert.ok(blocks.length >= 4, "the README has lost its commands");
  assert.ok(blocks.join("").includes(homeInReadme));
  const share = join(dirname(home), "nas");
  return blocks.join("\n").replaceAll(homeInReadme, home).replaceAll(shareInReadme, share);
}

/** A shell stops expanding aliases when it runs a script, and a person types one line after the other. */
function runScript(script: string, folder: string): SpawnSyncReturns<string> {
  const file = join(folder, "readme.sh");
  writeFileSync(file, `shopt -s expand_aliases\nset -euo pipefail\n${script}`);
  return spawnSync("bash", [file], {
    cwd: folder,
    encoding: "utf8",
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      XDG_CACHE_HOME: join(checkout, ".cache"),
    },
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
