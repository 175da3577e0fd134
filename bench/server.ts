/**
 * `npm run bench:server`: the built server, idle, while a backup of a large home runs, and with 2,000 backups at four
 * locations of which one is away. Prints a table and writes it into `bench/README.md`.
 *
 *   --dir PATH          where the home and the locations go
 *   --files 3000 --db-mb 300 --media-mb 400      the home
 */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Bench } from "#test/safehouse.ts";
import { TestServer } from "#test/server.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const { values } = parseArgs({
  options: {
    dir: { type: "string", default: join(here, "../.cache/bench") },
    files: { type: "string", default: "3000" },
    "db-mb": { type: "string", default: "300" },
    "media-mb": { type: "string", default: "400" },
  },
});
const folder = resolve(values.dir);
const backups = 2000;
/** Folders that are removed in the end. */
const scratch: string[] = [];
/** Memory is given back in this time; connections that idle are closed after five seconds, and not in the middle of a request. */
const restInMs = 7000;

interface Row {
  readonly what: string;
  readonly figure: string;
  readonly goal: string;
}

execFileSync(process.execPath, [join(here, "../scripts/build.ts")], { stdio: "ignore" });
const rows = [...(await ofOneHome()), ...(await ofManyBackups())];
const table = [
  "| | figure | goal |",
  "|---|---:|---:|",
  ...rows.map(({ what, figure, goal }) => `| ${what} | ${figure} | ${goal} |`),
].join("\n");
console.log(table);
const readme = join(here, "README.md");
for (const made of scratch) rmSync(made, { recursive: true });
const text = readFileSync(readme, "utf8").replace(
  /(<!-- server -->\n)[^]*(<!-- end of server -->)/,
  (_, begin: string, end: string) => `${begin}\n${table}\n\n${end}`,
);
writeFileSync(readme, text);

/** Memory, and what reads take while a backup runs. */
async function ofOneHome(): Promise<readonly Row[]> {
  using bench = benchIn("one");
  rmSync(bench.home, { recursive: true, force: true });
  bench.env["SAFEHOUSE_HOME"] = makeHome();
  await using server = await TestServer.start(bench);
  await pause(restInMs);
  const first = megabytesOf(server);
  const small = { folders: ["ssl"], homeassistant: false };
  for (let made = 0; made < 3; made += 1) await server.run("/backups", small);
  await pause(restInMs);
  const later = megabytesOf(server);
  const id = (await server.home("/backups", { json: {} })).text("run");
  const taken: number[] = [];
  for (let isOpen = true; isOpen; await pause(20)) {
    for (const path of ["/info", "/backups", "/keys"]) taken.push(await timeOf(server, path));
    taken.push(await timeOf(server, "/runs"));
    isOpen = (await server.home(`/runs/${id}`)).at("ended") === undefined;
  }
  await pause(restInMs);
  return [
    { what: "resident after start", figure: `${first} MB`, goal: "120 MB" },
    { what: "resident after three backups", figure: `${later} MB`, goal: "120 MB" },
    {
      what: "resident after the backup of the large home",
      figure: `${megabytesOf(server)} MB`,
      goal: "120 MB",
    },
    {
      what: `p95 of ${taken.length} reads while it runs (info, backups, keys, runs)`,
      figure: `${percentile(taken, 0.95)} ms`,
      goal: "50 ms",
    },
    { what: "slowest of them", figure: `${percentile(taken, 1)} ms`, goal: "" },
  ];
}

/** Lists of many backups, with a location that is away. */
async function ofManyBackups(): Promise<readonly Row[]> {
  using bench = benchIn("many");
  const location = bench.location;
  bench.env["SAFEHOUSE_LOCATION"] = "";
  const others = ["second", "third", "away"];
  await using server = await TestServer.start(bench, { env: { SAFEHOUSE_LOCATION: "" } });
  await server.home("/locations", {
    json: { id: "first", settings: { path: location } },
  });
  for (const id of others)
    await server.home("/locations", { json: { id, settings: { path: `${bench.folder}/${id}` } } });
  await server.run("/backups", {
    folders: ["ssl"],
    homeassistant: false,
    locations: ["first"],
    encryption: false,
  });
  const [name = ""] = readdirSync(location).filter((file) => file.endsWith(".tar"));
  const model = readFileSync(`${location}/${name}`, "latin1");
  for (let number = 0; number < backups; number += 1)
    for (const place of [location, ...others.map((id) => `${bench.folder}/${id}`)])
      addArchive(place, model, number);
  const first = await timeOf(server, "/backups?fresh=true");
  // What has changed a moment ago is looked at twice.
  await timeOf(server, "/backups?fresh=true");
  renameSync(`${bench.folder}/away`, `${bench.folder}/gone`);
  await timeOf(server, "/backups");
  const whole: number[] = [];
  const pages: number[] = [];
  for (let asked = 0; asked < 20; asked += 1) {
    whole.push(await timeOf(server, "/backups"));
    pages.push(await timeOf(server, "/backups?limit=50"));
  }
  const listing = await server.home("/backups?limit=1");
  const away = listing.list("locations").find((place) => place.at("id") === "away");
  if (away?.at("asOf") === undefined || away.at("problem") === undefined)
    throw new Error(`What is away is not marked: ${JSON.stringify(away?.value)}`);
  const all = `list of ${backups} backups at four locations, one of them away`;
  return [
    { what: `${all}, read for the first time`, figure: `${Math.round(first)} ms`, goal: "" },
    { what: `${all}, p95`, figure: `${percentile(whole, 0.95)} ms`, goal: "200 ms" },
    { what: "the first 50 of it, p95", figure: `${percentile(pages, 0.95)} ms`, goal: "200 ms" },
    { what: "resident with it", figure: `${megabytesOf(server)} MB`, goal: "" },
  ];
}

/** A bench whose files lie where the bench's folder is. */
function benchIn(name: string): Bench {
  mkdirSync(folder, { recursive: true });
  const place = mkdtempSync(join(folder, `${name}-`));
  scratch.push(place);
  process.env["TMPDIR"] = place;
  return new Bench();
}

/** The home is the same one for the same numbers, and is kept for the next time. */
function makeHome(): string {
  const [files, database, media] = [values.files, values["db-mb"], values["media-mb"]];
  const place = join(folder, `home-${[files, database, media].join("-")}`);
  if (existsSync(place)) return place;
  rmSync(`${place}.tmp`, { recursive: true, force: true });
  const args = ["--files", files, "--db-mb", database, "--media-mb", media, "--www-mb", "200"];
  execFileSync("python3", [join(here, "make_home.py"), `${place}.tmp`, ...args]);
  renameSync(`${place}.tmp`, place);
  return place;
}

function addArchive(place: string, model: string, number: number): void {
  const slug = number.toString(16).padStart(8, "0");
  const path = `${place}/backup-${number}.tar`;
  writeFileSync(path, model.replace(/"slug":"[0-9a-f]{8}"/, `"slug":"${slug}"`), "latin1");
  utimesSync(path, 1_600_000_000, 1_600_000_000 + number);
}

async function timeOf(server: TestServer, path: string): Promise<number> {
  const started = performance.now();
  await server.home(path);
  return performance.now() - started;
}

function percentile(times: readonly number[], part: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.ceil(sorted.length * part) - 1] ?? 0);
}

function megabytesOf({ pid }: TestServer): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1000);
}
