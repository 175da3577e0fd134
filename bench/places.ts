/**
 * `npm run bench:places`: an archive is put to real servers on this machine and fetched from there, by us and by the
 * protocol's own command-line tool, in alternating rounds; then a backup with and without two dead locations. Prints
 * tables and writes them into `bench/README.md`. It runs with what V8 is told where runs are carried out.
 *
 *   --runs 5            rounds
 *   --mb 500            the archive
 *   --only sftp         only places whose name begins so; may be repeated. Nothing is written then
 *   --dir PATH          where it all goes; a RAM disk if there is one
 */
import { execFile, execFileSync } from "node:child_process";
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
} from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { openStorage, type PlaceSettings } from "#storage/catalog.ts";
import { stackStorage } from "#storage/stack.ts";
import { manyBytes } from "#test/places/many-bytes.ts";
import { SambaServer, sambaUser } from "#test/places/samba.ts";
import { s3Keys, startVersity } from "#test/places/s3-server.ts";
import { startSshd } from "#test/places/sshd.ts";
import { deadLocations } from "./dead-locations.ts";

const run = promisify(execFile);
const { signal } = new AbortController();
const here = fileURLToPath(new URL(".", import.meta.url));
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    mb: { type: "string", default: "500" },
    only: { type: "string", multiple: true, default: [] },
    dir: { type: "string", default: existsSync("/dev/shm") ? "/dev/shm" : tmpdir() },
  },
});
const rounds = Number(values.runs);
const folder = mkdtempSync(join(values.dir, "safehouse-bench-"));
const archive = join(folder, "archive.tar");

/** A home of some hundred megabytes, the same for the same numbers. */
function makeHome(): string {
  const home = join(folder, "home");
  const size = ["--files", "1000", "--db-mb", "100", "--media-mb", "100"];
  execFileSync("python3", [join(here, "make_home.py"), home, ...size]);
  return home;
}

/** One way to a place: puts the archive there under a name, or fetches that into a file. */
interface Way {
  put(name: string): Promise<void>;
  get(name: string, into: string): Promise<void>;
}

interface Contest {
  readonly kind: string;
  /** Settings of the location, as the program has them. */
  readonly settings: PlaceSettings;
  readonly tool: string;
  readonly theirs: Way;
}

const contests: Readonly<Record<string, (stack: AsyncDisposableStack) => Promise<Contest>>> = {
  sftp: sftpContest,
  smb: (stack) => smbContest(stack, "off"),
  "smb, encrypted": (stack) => smbContest(stack, "required"),
  s3: s3Contest,
};

try {
  await writeFile(archive, manyBytes(Number(values.mb) * 1024 * 1024));
  const rows = [];
  for (const [name, begin] of Object.entries(contests)) {
    if (values.only.length > 0 && !values.only.some((only) => name.startsWith(only))) continue;
    await using stack = new AsyncDisposableStack();
    rows.push(...(await compare(name, await begin(stack))));
  }
  const table = [
    "| | Safehouse | its own tool | of its speed |",
    "|---|---:|---:|---:|",
    ...rows,
  ].join("\n");
  console.log(table);
  if (values.only.length === 0) {
    const dead = await deadLocations(makeHome(), rounds);
    console.log(dead);
    await writeReadme(`${table}\n\n${dead}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function compare(name: string, contest: Contest): Promise<readonly string[]> {
  const ours = await ourWay(contest);
  const fetched = join(folder, "fetched");
  const times = { putOurs: [], putTheirs: [], getOurs: [], getTheirs: [] } as Record<
    "putOurs" | "putTheirs" | "getOurs" | "getTheirs",
    number[]
  >;
  for (let round = 0; round <= rounds; round += 1) {
    const file = `round-${round}.tar`;
    const measured = {
      putTheirs: await timeOf(() => contest.theirs.put(`theirs-${file}`)),
      putOurs: await timeOf(() => ours.put(`ours-${file}`)),
      getTheirs: await timeOf(() => contest.theirs.get(`theirs-${file}`, fetched)),
      getOurs: await timeOf(() => ours.get(`ours-${file}`, fetched)),
    };
    await ours.remove(`ours-${file}`);
    await ours.remove(`theirs-${file}`);
    // In the first round everything is loaded and set up.
    if (round === 0) continue;
    for (const key of ["putOurs", "putTheirs", "getOurs", "getTheirs"] as const)
      times[key].push(measured[key]);
  }
  return [
    rowOf(`${name}, put (${contest.tool})`, times.putOurs, times.putTheirs),
    rowOf(`${name}, get`, times.getOurs, times.getTheirs),
  ];
}

function rowOf(what: string, ours: readonly number[], theirs: readonly number[]): string {
  const speed = (times: readonly number[]): string =>
    `${((Number(values.mb) * 1.048_576) / median(times)).toFixed(0)} MB/s`;
  const ratio = median(theirs) / median(ours);
  return `| ${what} | ${speed(ours)} | ${speed(theirs)} | ${ratio.toFixed(2)} |`;
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}

/** As a location is used: with all its layers, in this process. */
async function ourWay({
  kind,
  settings,
}: Contest): Promise<Way & { remove(name: string): Promise<void> }> {
  const storage = stackStorage(await openStorage(kind, settings), {});
  const size = Number(values.mb) * 1024 * 1024;
  const open = (start = 0): AsyncIterable<Uint8Array> =>
    createReadStream(archive, { start, highWaterMark: 1024 * 1024 });
  return {
    put: async (name) => void (await storage.write(name, { open, size }, signal)),
    get: async (name, into) =>
      pipeline(await storage.read(name, undefined, signal), createWriteStream(into)),
    remove: (name) => storage.remove(name, signal),
  };
}

async function sftpContest(stack: AsyncDisposableStack): Promise<Contest> {
  const server = stack.use(await startSshd());
  const { user, port, privateKey, hostKeys } = server;
  const key = join(folder, "key");
  await writeFile(key, privateKey, { mode: 0o600 });
  const options = [
    "StrictHostKeyChecking=no",
    `UserKnownHostsFile=${folder}/hosts`,
    "LogLevel=ERROR",
  ];
  const sftp = async (command: string): Promise<void> => {
    const batch = join(folder, "batch");
    await writeFile(batch, `${command}\n`);
    const flags = options.flatMap((option) => ["-o", option]);
    await run("sftp", ["-b", batch, "-i", key, "-P", String(port), ...flags, `${user}@127.0.0.1`]);
  };
  const there = (name: string): string => join(server.folder, name);
  return {
    kind: "sftp",
    settings: {
      host: "127.0.0.1",
      port,
      user,
      privateKey,
      hostKey: hostKeys.ed25519,
      path: server.folder,
    },
    tool: "sftp",
    theirs: {
      put: (name) => sftp(`put ${archive} ${there(name)}`),
      get: (name, into) => sftp(`get ${there(name)} ${into}`),
    },
  };
}

async function smbContest(
  stack: AsyncDisposableStack,
  encryption: "off" | "required",
): Promise<Contest> {
  const server = await SambaServer.start();
  stack.defer(() => server.end());
  const login = join(folder, "login");
  const { user, password } = sambaUser;
  await writeFile(login, `username = ${user}\npassword = ${password}\n`, { mode: 0o600 });
  const flags = encryption === "required" ? ["--client-protection=encrypt"] : [];
  const smbclient = async (command: string): Promise<void> => {
    const args = ["-A", login, "-p", String(server.port), ...flags];
    await run("smbclient", [...args, `//${server.host}/data`, "-c", command]);
  };
  return {
    kind: "smb",
    settings: { host: server.host, port: server.port, share: "data", user, password, encryption },
    tool: "smbclient",
    theirs: {
      put: (name) => smbclient(`put ${archive} ${name}`),
      get: (name, into) => smbclient(`get ${name} ${into}`),
    },
  };
}

async function s3Contest(stack: AsyncDisposableStack): Promise<Contest> {
  const data = join(folder, "objects");
  mkdirSync(data);
  const { server, absent } = await startVersity({ data });
  if (server === undefined) throw new Error(absent);
  stack.defer(() => server.end());
  const bucket = await server.makeBucket();
  const config = join(folder, "rclone.conf");
  const { accessKeyId, secretAccessKey } = s3Keys;
  await writeFile(
    config,
    ["[place]", "type = s3", "provider = Other", `endpoint = ${server.endpoint}`]
      .concat([`access_key_id = ${accessKeyId}`, `secret_access_key = ${secretAccessKey}`, ""])
      .join("\n"),
  );
  // rclone 1.60 stumbles over it, though no certificate matters here.
  const { AWS_CA_BUNDLE: _, ...env } = process.env;
  const rclone = async (from: string, to: string): Promise<void> => {
    await run("rclone", ["--config", config, "copyto", from, to], { env });
  };
  return {
    kind: "s3",
    settings: bucket,
    tool: "rclone",
    theirs: {
      put: (name) => rclone(archive, `place:${bucket.bucket}/${name}`),
      get: async (name, into) => {
        // It would find that there is nothing to do.
        await rm(into, { force: true });
        await rclone(`place:${bucket.bucket}/${name}`, into);
      },
    },
  };
}

async function writeReadme(tables: string): Promise<void> {
  const readme = join(here, "README.md");
  const text = await readFile(readme, "utf8");
  const next = text.replace(
    /(<!-- places -->\n)[^]*(<!-- end of places -->)/,
    (_, begin: string, end: string) => `${begin}\n${tables}\n\n${end}`,
  );
  await writeFile(readme, next);
}
