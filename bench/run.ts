/**
 * `npm run bench`: one realistic home, ourselves against other software, in alternating rounds. Prints
 * medians and ratios and, after a full run, writes them into `bench/README.md`.
 *
 *   --runs 5            rounds
 *   --dir PATH          where homes and archives go; a RAM disk takes the disk out of the figures
 *   --only TEXT         only contenders with TEXT in their name; may be repeated
 *   --do create-v3      only operations that begin so; may be repeated
 *   --files 3000 --db-mb 300 --media-mb 400      the home
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { pythonPeer } from "#test/python-peer.ts";
import * as contenders from "./contenders.ts";
import { operations, type Contender, type Operation } from "./contenders.ts";
import { measure } from "./measure.ts";
import { tablesOf, type Result } from "./report.ts";
import { Stage } from "./scene.ts";
import { surroundings } from "./surroundings.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    dir: { type: "string", default: join(here, "../.cache/bench") },
    only: { type: "string", multiple: true, default: [] },
    do: { type: "string", multiple: true, default: [] },
    files: { type: "string", default: "3000" },
    "db-mb": { type: "string", default: "300" },
    "media-mb": { type: "string", default: "400" },
  },
});

const folder = resolve(values.dir);
const peer = await pythonPeer("official");
if (peer.absent !== undefined) throw new Error(`The official stack is needed: ${peer.absent}`);
console.log(
  execFileSync(peer.python, [join(here, "peers/official.py"), "check"], {
    encoding: "utf8",
  }).trim(),
);

const home = makeHome();
const stage = new Stage(home, join(folder, "work"));
try {
  const results = await rounds(chosenContenders(peer.python), chosenOperations());
  const tables = tablesOf(results);
  console.log(`\n${tables}`);
  if (values.only.length === 0 && values.do.length === 0) writeReadme(tables, peer.python);
} finally {
  stage.remove();
}

/** The home is the same one for the same numbers, and is kept for the next time. */
function makeHome(): string {
  const numbers = [values.files, values["db-mb"], values["media-mb"]];
  const place = join(folder, `home-${numbers.join("-")}`);
  if (!existsSync(place)) {
    mkdirSync(folder, { recursive: true });
    rmSync(`${place}.tmp`, { recursive: true, force: true });
    const [files = "", database = "", media = ""] = numbers;
    const args = ["--files", files, "--db-mb", database, "--media-mb", media, "--www-mb", "200"];
    execFileSync("python3", [join(here, "make_home.py"), `${place}.tmp`, ...args], {
      stdio: "inherit",
    });
    renameSync(`${place}.tmp`, place);
  }
  return place;
}

function chosenContenders(python: string): readonly Contender[] {
  const all = [
    contenders.safehouse("Safehouse", {}),
    ...(hasIsal()
      ? [contenders.safehouse("Safehouse with ISA-L", { SAFEHOUSE_DEFLATE: "isal" })]
      : []),
    contenders.supervisor(python),
    contenders.securetarAlone(python),
    contenders.tarWith("tar, gzip -6", "gzip -6"),
    ...(hasPigz() ? [contenders.tarWith("tar, pigz -6", "pigz -6")] : []),
  ];
  return all.filter(
    ({ name }) => values.only.length === 0 || values.only.some((text) => name.includes(text)),
  );
}

function hasIsal(): boolean {
  const libraries = execFileSync("/sbin/ldconfig", ["-p"], { encoding: "utf8" });
  const found = libraries.includes("libisal.so.2");
  if (!found) console.log("absent: libisal2");
  return found;
}

function hasPigz(): boolean {
  const found = spawnSync("pigz", ["--version"]).error === undefined;
  if (!found) console.log("absent: pigz");
  return found;
}

function chosenOperations(): readonly Operation[] {
  const all = Object.keys(operations) as Operation[];
  return all.filter(
    (name) => values.do.length === 0 || values.do.some((text) => name.startsWith(text)),
  );
}

/** A B C, A B C, …: whatever disturbs the machine for a while disturbs all. */
async function rounds(all: readonly Contender[], wanted: readonly Operation[]): Promise<Result[]> {
  const results = wanted.flatMap((operation) =>
    all
      .filter(({ commands }) => commands[operation] !== undefined)
      .map(({ name }): Result => ({ operation, contender: name, runs: [] })),
  );
  // Everybody finds the home in the page cache.
  execFileSync("sh", ["-c", `find '${home}' -type f -exec cat {} + > /dev/null`]);
  for (let round = 1; round <= Number(values.runs); round += 1) {
    for (const result of results) await runOnce(result, all, round);
  }
  return results;
}

async function runOnce(result: Result, all: readonly Contender[], round: number): Promise<void> {
  const { operation, contender: name } = result;
  const contender = all.find((candidate) => candidate.name === name);
  const command = contender?.commands[operation];
  if (contender === undefined || command === undefined) return;
  const measured = await measure(command(stage.prepare(contender, operation)));
  result.runs.push(measured);
  if (operation.startsWith("create"))
    result.archiveBytes = stage.sizeOfArchive(contender, operation);
  console.log(`${round}  ${operations[operation]}  ${name}  ${measured.seconds.toFixed(2)} s`);
}

function writeReadme(tables: string, python: string): void {
  const file = join(here, "README.md");
  const count = execFileSync(
    "sh",
    ["-c", `find '${home}' -type f | wc -l; du -sb '${home}' | cut -f1`],
    { encoding: "utf8" },
  );
  const [files = "", bytes = ""] = count.trim().split("\n");
  const facts = [
    ...surroundings(folder, python),
    `- Home of ${files} files and ${Math.round(Number(bytes) / 1e6)} MB (database ${values["db-mb"]} MB, media ${values["media-mb"]} MB); medians of ${values.runs} alternating runs`,
  ];
  const text = readFileSync(file, "utf8").replace(
    /(<!-- results -->\n)[^]*(<!-- end of results -->)/,
    (_, begin: string, end: string) => `${begin}\n${facts.join("\n")}\n\n${tables}\n\n${end}`,
  );
  writeFileSync(file, text);
}
