import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sampleBytes, sampleText } from "./sample-bytes.ts";
import { settleTimes } from "./settle-times.ts";

export interface SampleHomeOptions {
  /** Version of Home Assistant. */
  readonly version?: string;
  /** Rows in the recorder's table of states. */
  readonly rows?: number;
  /** Bytes of media that do not compress. */
  readonly mediaBytes?: number;
  /** Also a FIFO and a socket, which no backup can hold. */
  readonly special?: boolean;
}

/**
 * Makes a home below a folder: everything that occurs in real ones, small and always the same. Needs
 * no privileges; owners other than our own are set where we may.
 */
export function buildSampleHome(root: string, options: SampleHomeOptions = {}): void {
  const { version = "2026.8.1", rows = 500, mediaBytes = 300_000 } = options;
  writeTree(root, { ...configFiles(version), ...otherFiles(mediaBytes) });
  addOddNames(root);
  addLinks(root);
  addRecorder(`${root}/config`, rows);
  addKilledDatabase(`${root}/config`);
  setModes(root);
  if (options.special === true) addSpecialFiles(`${root}/config`);
  settleTimes(root);
}

/** What official backups leave out, and with it what a restore leaves alone; paths below the home. */
export const leftOutByHomeAssistant: readonly string[] = [
  "config/home-assistant.log",
  "config/home-assistant.log.1",
  "config/custom_components/demo/__pycache__/sensor.pyc",
  "config/tts/hello.mp3",
  "config/backups/older.tar",
];

type Files = Readonly<Record<string, string | Uint8Array | null>>;

function writeTree(root: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const place = `${root}/${path}`;
    mkdirSync(content === null ? place : dirname(place), { recursive: true });
    if (content !== null) writeFileSync(place, content);
  }
}

function configFiles(version: string): Files {
  return {
    "config/.HA_VERSION": version,
    "config/configuration.yaml": "default_config:\nautomation: !include automations.yaml\n",
    "config/automations.yaml": sampleText("alias", 40_000),
    "config/secrets.yaml": "wifi: sample-secret-of-the-home\n",
    "config/.storage/auth": '{"version": 1, "data": {"users": []}}',
    "config/.storage/core.config_entries": JSON.stringify({ data: sampleText("entry", 90_000) }),
    "config/.storage/core.uuid": '{"data": {"uuid": "0123456789abcdef0123456789abcdef"}}',
    "config/custom_components/demo/__init__.py": "DOMAIN = 'demo'\n",
    "config/custom_components/demo/sensor.py": sampleText("sensor", 3000),
    "config/www/community/card.js": sampleText("card", 5000),
    "config/www/picture.png": sampleBytes("picture", 70_000),
    "config/empty": "",
    "config/empty folder": null,
    "config/deep/1/2/3/4/5/6/7/8/9": "deep\n",
    ...Object.fromEntries(leftOutByHomeAssistant.map((path) => [path, `left out: ${path}\n`])),
  };
}

function otherFiles(mediaBytes: number): Files {
  return {
    "share/notes.txt": "shared\n",
    "share/tool/run.sh": "#!/bin/sh\nexit 0\n",
    "ssl/fullchain.pem": sampleText("certificate", 2000),
    "ssl/privkey.pem": sampleText("key", 1700),
    "media/film.mp4": sampleBytes("film", mediaBytes),
    "media/doorbell/1.jpg": sampleBytes("doorbell", 20_000),
    "media/cache/CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n",
    "media/cache/thumbnail": sampleBytes("thumbnail", 9000),
    "addons/local/own/config.yaml": "name: Own\nversion: 1.2.3\nslug: own\n",
    "addons/local/own/Dockerfile": "FROM scratch\n",
    "data/core_mosquitto/options.json": '{"logins": []}',
    "data/core_mosquitto/mosquitto.db": sampleBytes("mosquitto", 12_000),
    "data/local_own/options.json": "{}",
  };
}

/** Names that a careless program stumbles over; some are no UTF-8. */
function addOddNames(root: string): void {
  const folder = `${root}/share/odd names`;
  mkdirSync(folder);
  const names = [
    "ünï🙂.txt",
    "u\u0308 decomposed",
    "back\\slash",
    "line\nbreak",
    "-rf",
    " leading and trailing ",
    "quote'\"`$(x)",
    "*?[]{}!",
    "x".repeat(250),
    "..hidden",
    "data",
  ];
  for (const name of names) writeFileSync(`${folder}/${name}`, `content of ${name}`);
  const latin1 = Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([0xe9, 0xff])]);
  writeFileSync(latin1, "no UTF-8");
}

function addLinks(root: string): void {
  symlinkSync("automations.yaml", `${root}/config/automations.link`);
  symlinkSync("/nowhere/at/all", `${root}/config/www/dangling`);
  symlinkSync("../../media", `${root}/config/www/media`);
  symlinkSync("..", `${root}/share/tool/up`);
  linkSync(`${root}/config/www/picture.png`, `${root}/config/www/same picture.png`);
  linkSync(`${root}/share/notes.txt`, `${root}/share/tool/notes`);
}

/** As Home Assistant leaves it when it ends: WAL mode, nothing in the log. */
function addRecorder(config: string, rows: number): void {
  using database = openDatabase(`${config}/home-assistant_v2.db`);
  database.exec("CREATE TABLE states (state_id INTEGER PRIMARY KEY, state TEXT, at REAL)");
  database.exec("BEGIN");
  const insert = database.prepare("INSERT INTO states (state, at) VALUES (?, ?)");
  for (let row = 0; row < rows; row += 1) insert.run(`state ${row * 31}`, row / 7);
  database.exec("COMMIT");
}

/** As a program leaves it that was killed: what it wrote last is in the log alone. */
function addKilledDatabase(config: string): void {
  const path = `${config}/zigbee.db`;
  const living = `${path}.living`;
  using database = openDatabase(living);
  database.exec("CREATE TABLE devices (ieee TEXT, name TEXT); PRAGMA wal_checkpoint(TRUNCATE)");
  database.exec("INSERT INTO devices VALUES ('00:11', 'Lamp'), ('00:12', 'Door')");
  copyFileSync(living, path);
  copyFileSync(`${living}-wal`, `${path}-wal`);
  database.close();
  execFileSync("rm", ["-f", living, `${living}-wal`, `${living}-shm`]);
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA page_size = 4096");
  return database;
}

function setModes(root: string): void {
  const modes: Readonly<Record<string, number>> = {
    config: 0o755,
    "config/secrets.yaml": 0o600,
    "config/.storage": 0o700,
    "config/.storage/auth": 0o600,
    "config/empty folder": 0o711,
    "config/empty": 0o444,
    "share/tool/run.sh": 0o755,
    "ssl/privkey.pem": 0o600,
    ssl: 0o750,
  };
  for (const [path, mode] of Object.entries(modes)) chmodSync(`${root}/${path}`, mode);
  if (process.getuid?.() !== 0) return;
  for (const path of ["share/notes.txt", "media/doorbell", "data/core_mosquitto/options.json"])
    chownSync(`${root}/${path}`, 1000, 1001);
}

function addSpecialFiles(config: string): void {
  execFileSync("mkfifo", [`${config}/pipe`]);
  const code = "import socket; socket.socket(socket.AF_UNIX).bind('a socket')";
  execFileSync("python3", ["-c", code], { cwd: config });
}
