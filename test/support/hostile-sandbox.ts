import assert from "node:assert/strict";
import { isUtf8 } from "node:buffer";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalServices } from "../../src/app/local-services.ts";
import { runProgram } from "#cli/program.ts";
import type { Console } from "#cli/console.ts";
import { hostilePassword } from "./hostile-backup.ts";

/** What one command said and did. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Ways into the program that an archive of a stranger can take. */
export const entrances = [
  "list",
  "files",
  "cat",
  "extract",
  "verify",
  "structure",
  "decrypt",
  "encrypt",
  "upload",
  "dry-run",
  "restore",
] as const;
/** `location` lists the folder that the archive lies in. */
export type Entrance = (typeof entrances)[number] | "location";
export type Outcomes = Readonly<Record<Entrance, Outcome>>;

/**
 * A folder with an archive in it, places to write to, and things around them that nobody may touch.
 * Commands run in this process, by the program's own command line.
 */
export class HostileSandbox implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), "safehouse-hostile-"));
  readonly archive = join(this.root, "stranger", "backup.tar");
  readonly out = join(this.root, "target", "out");
  readonly home = join(this.root, "home");
  readonly data = join(this.root, "safehouse");
  #before: ReadonlyMap<string, string>;

  /** @param archive made with the sandbox's own path where it has to name it */
  constructor(archive?: Uint8Array) {
    for (const folder of ["stranger", "target", "outside/deep", "safehouse", "location"])
      mkdirSync(join(this.root, folder), { recursive: true });
    for (const part of ["config", "share", "ssl", "media", "addons/local", "data"])
      mkdirSync(join(this.home, part), { recursive: true });
    writeFileSync(join(this.root, "outside", "passwd"), "root:x:0:0\n");
    writeFileSync(join(this.root, "outside", "deep", "secret"), "do not touch");
    writeFileSync(join(this.home, "config", "mine.yaml"), "mine: true\n");
    if (archive !== undefined) writeFileSync(this.archive, archive);
    this.#before = this.#outside();
  }

  /** Puts the archive there, where it has to name the sandbox itself. */
  put(archive: Uint8Array): void {
    writeFileSync(this.archive, archive);
    this.#before = this.#outside();
  }

  /** Runs one command line. */
  async run(...args: readonly string[]): Promise<Outcome> {
    const out: string[] = [];
    const err: string[] = [];
    const env = {
      SAFEHOUSE_DATA: this.data,
      SAFEHOUSE_PASSWORD: hostilePassword,
      SAFEHOUSE_NEW_PASSWORD: "another one",
    };
    const console: Console = {
      out: async (text) =>
        void out.push(typeof text === "string" ? text : Buffer.from(text).toString("latin1")),
      flush: async () => undefined,
      err: (text) => void err.push(text),
      outIsTerminal: true,
      errIsTerminal: true,
      inIsTerminal: false,
      columns: 80,
      env,
      askSecret: () => Promise.reject(new Error("nobody is there")),
      ask: () => Promise.reject(new Error("nobody is there")),
      readTextFile: async (path) => readFileSync(path, "utf8"),
      signal: new AbortController().signal,
      now: () => Date.now(),
    };
    await using services = new LocalServices(console);
    const code = await runProgram(
      [...args, ...(args.includes("--json") ? [] : ["--no-progress"])],
      console,
      services,
    );
    return { code, out: out.join(""), err: err.join("") };
  }

  /** One command; checks what holds for every command and every archive. */
  async enter(entrance: Entrance, file = "last.txt"): Promise<Outcome> {
    const homeBefore = treeOf(this.home);
    const outcome = await this.run(...this.#commandLine(entrance, file));
    const told = `${entrance}: exit ${outcome.code}\n${outcome.out}\n${outcome.err}`;
    assert.notEqual(outcome.code, 1, `a fault, ${told}`);
    assert.doesNotMatch(outcome.err, /fault of Safehouse/, told);
    if (entrance !== "cat")
      assert.doesNotMatch(outcome.out, steering, `steers the terminal, ${told}`);
    assert.doesNotMatch(outcome.err, steering, `steers the terminal, ${told}`);
    this.assertUntouched(told);
    if (entrance !== "restore" || (outcome.code !== 0 && outcome.code !== 3)) {
      assert.deepEqual(treeOf(this.home), homeBefore, `the home changed, ${told}`);
    }
    return outcome;
  }

  /** Every way in, or those that are named, one after the other. */
  async enterAll(file?: string, ways: readonly Entrance[] = entrances): Promise<Outcomes> {
    const outcomes: Partial<Record<Entrance, Outcome>> = {};
    for (const entrance of ways) outcomes[entrance] = await this.enter(entrance, file);
    return outcomes as Outcomes;
  }

  /** Nothing outside of the places to write to has changed. */
  assertUntouched(message: string): void {
    assert.deepEqual(this.#outside(), this.#before, `something outside changed; ${message}`);
  }

  /** Paths below the folder that parts are extracted to. */
  extracted(): readonly string[] {
    return existsSync(this.out) ? [...treeOf(this.out).keys()] : [];
  }

  [Symbol.dispose](): void {
    // Node takes a minute for a hundred thousand files, rm a second.
    if (process.platform !== "win32") spawnSync("rm", ["-rf", this.root]);
    rmSync(this.root, { recursive: true, force: true });
  }

  #commandLine(entrance: Entrance, file: string): string[] {
    const { archive, out, home } = this;
    const location = join(this.root, "location");
    const restore = [
      "backups",
      "restore",
      archive,
      "--home",
      home,
      "--location",
      location,
      "--stopped",
    ];
    const converted = join(this.root, "target", `${entrance}ed.tar`);
    const lines: Record<Entrance, string[]> = {
      list: ["archive", "list", archive],
      files: ["archive", "list", archive, "--files"],
      cat: ["archive", "cat", archive, "homeassistant", file],
      extract: ["archive", "extract", archive, "--to", out],
      verify: ["archive", "verify", archive],
      structure: ["archive", "verify", archive, "--level", "structure"],
      decrypt: ["archive", "decrypt", archive, converted],
      encrypt: ["archive", "encrypt", archive, converted],
      upload: ["backups", "upload", archive, "--location", location],
      "dry-run": [...restore, "--dry-run"],
      restore: [...restore, "--replace-undo"],
      location: ["backups", "list", "--location", join(this.root, "stranger")],
    };
    return lines[entrance];
  }

  #outside(): ReadonlyMap<string, string> {
    const seen = new Map<string, string>();
    for (const folder of ["outside", "stranger"]) {
      for (const [path, what] of treeOf(join(this.root, folder)))
        seen.set(`${folder}/${path}`, what);
    }
    const places = readdirSync(this.root);
    const targets = readdirSync(join(this.root, "target")).filter(
      (name) => !/^out$|^(de|en)crypted\.tar$/.test(name),
    );
    const homes = readdirSync(this.home).sort();
    for (const name of [
      ...places,
      ...targets.map((target) => `target/${target}`),
      ...homes.map((part) => `home/${part}`),
    ])
      seen.set(`name ${name}`, "");
    return seen;
  }
}

/** Control characters other than the end of a line, and what turns the order of reading round. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const steering = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** Every path below a folder and what is there; links are not followed. Names that are no UTF-8 stand as Latin-1. */
export function treeOf(folder: string): Map<string, string> {
  const tree = new Map<string, string>();
  const walk = (place: Buffer, below: string): void => {
    for (const name of readdirSync(place, { encoding: "buffer" })) {
      const path = `${below}${name.toString(isUtf8(name) ? "utf8" : "latin1")}`;
      const inner = Buffer.concat([place, Buffer.from("/"), name]);
      tree.set(path, factsOf(inner));
      if (tree.get(path) === "folder") walk(inner, `${path}/`);
    }
  };
  walk(Buffer.from(folder), "");
  return tree;
}

function factsOf(place: Buffer): string {
  const facts = lstatSync(place);
  if (facts.isDirectory()) return "folder";
  if (facts.isSymbolicLink())
    return `-> ${readlinkSync(place, { encoding: "buffer" }).toString("latin1")}`;
  return facts.isFile() ? `${facts.mode & 0o7000} ${hashOf(place, facts.size)}` : "special";
}

function hashOf(path: Buffer, size: number): string {
  return size > 64 * 1024 * 1024
    ? String(size)
    : createHash("sha256").update(readFileSync(path)).digest("hex");
}
