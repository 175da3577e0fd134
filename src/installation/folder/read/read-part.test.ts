import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { SafehouseError } from "#core/model/problem.ts";
import { encodePath } from "#core/model/path-bytes.ts";
import { parseRule } from "#core/rules/parse-rule.ts";
import { readPart } from "./read-part.ts";
import { idleTimeInMs } from "./reader-thread.ts";
import {
  TemporaryHome,
  config,
  paths,
  readAll,
  startReading,
} from "./temporary-home.test-support.ts";

const mib = 1 << 20;

test("the config folder comes as official readers expect it", async () => {
  using home = new TemporaryHome({ "config/.HA_VERSION": "2026.7.1\n", "config/a/b.yaml": "x" });
  const result = await readAll(startReading(home.paths, { part: config }));
  assert.deepEqual(paths(result), [
    ".",
    "./homeassistant.json",
    "data",
    "data/.HA_VERSION",
    "data/a",
    "data/a/b.yaml",
  ]);
  assert.equal(result.entries[0]?.mode, 0o700);
  assert.equal(result.entries[1]?.mode, 0o600);
  assert.deepEqual(JSON.parse(String(result.content.get("./homeassistant.json"))), {
    version: "2026.7.1",
  });
});

test("an add-on brings its addon.json, a folder only itself", async () => {
  using home = new TemporaryHome({ "addon_data/core_x/options": "1", "share/f/g": "2" });
  const addon = await readAll(
    startReading(home.paths, { part: { kind: "addon", slug: "core_x" } }),
  );
  assert.deepEqual(paths(addon), [".", "./addon.json", "data", "data/options"]);
  assert.deepEqual(paths(await readAll(startReading(home.paths))), [".", "f", "f/g"]);
});

test("mode, owner and time to the microsecond come along", async () => {
  using home = new TemporaryHome({ "share/f": "abc" });
  chmodSync(join(home.paths.share, "f"), 0o4751);
  utimesSync(join(home.paths.share, "f"), 5, 1_700_000_000.125);
  const [, file] = (await readAll(startReading(home.paths))).entries;
  assert.deepEqual(file, {
    path: "f",
    type: "file",
    mode: 0o4751,
    uid: process.getuid?.(),
    gid: process.getgid?.(),
    mtime: 1_700_000_000.125,
    size: 3,
  });
});

test("names are sorted by their bytes and folders come before their content", async () => {
  using home = new TemporaryHome();
  const names = ["\u{1f600}", "\uffee", "z", "a", "a.b", "Z", "ä", "a-"];
  for (const name of names) home.write(`share/${name}/x`, "");
  const expected = names
    .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .flatMap((name) => [name, `${name}/x`]);
  assert.deepEqual(paths(await readAll(startReading(home.paths))).slice(1), expected);
});

test("a name that is not UTF-8 survives", async () => {
  using home = new TemporaryHome();
  const folder = Buffer.concat([Buffer.from(`${home.paths.share}/`), Buffer.from([0x61, 0xff])]);
  mkdirSync(folder);
  writeFileSync(Buffer.concat([folder, Buffer.from([0x2f, 0xc3, 0x28])]), "content");
  const result = await readAll(startReading(home.paths));
  assert.deepEqual(
    Buffer.from(encodePath(paths(result)[2] ?? "")),
    Buffer.from([0x61, 0xff, 0x2f, 0xc3, 0x28]),
  );
  assert.equal(String(result.content.get("a\udcff/\udcc3(")), "content");
});

test("links are never followed, and a second hard link is a second full file", async () => {
  using home = new TemporaryHome({ "share/a": "content", "outside/secret": "secret" });
  linkSync(join(home.paths.share, "a"), join(home.paths.share, "b"));
  symlinkSync("../outside", join(home.paths.share, "folder"));
  symlinkSync("nowhere", join(home.paths.share, "dangling"));
  const result = await readAll(startReading(home.paths));
  assert.deepEqual(paths(result), [".", "a", "b", "dangling", "folder"]);
  assert.equal(String(result.content.get("b")), "content");
  assert.equal(result.entries.find(({ path }) => path === "folder")?.linkTarget, "../outside");
});

test("the folder of a part may itself be a symbolic link", async () => {
  using home = new TemporaryHome({ "elsewhere/a": "1" });
  rmSync(home.paths.share, { recursive: true });
  symlinkSync("elsewhere", home.paths.share);
  assert.deepEqual(paths(await readAll(startReading(home.paths))), [".", "a"]);
});

test("pipes are left out and named", async () => {
  using home = new TemporaryHome({ "share/a": "1" });
  execFileSync("mkfifo", [join(home.paths.share, "pipe")]);
  const result = await readAll(startReading(home.paths));
  assert.deepEqual(paths(result), [".", "a"]);
  assert.deepEqual(
    result.notes.map(({ path, problem }) => [path, problem]),
    [["pipe", "special"]],
  );
});

test("what may not be read is left out and named, and the rest is there", async (context) => {
  if (process.getuid?.() === 0 && !canReadAsNobody())
    return context.skip("this program cannot be run by another user");
  using home = new TemporaryHome({ "share/a": "1", "share/b": "2", "share/closed/c": "3" });
  chmodSync(home.root, 0o755);
  chmodSync(join(home.paths.share, "b"), 0o000);
  chmodSync(join(home.paths.share, "closed"), 0o000);
  const result = readInChild(home, []);
  assert.deepEqual(result.paths, [".", "a"]);
  assert.deepEqual(result.notes, [
    ["b", "unreadable"],
    ["closed", "unreadable"],
  ]);
});

test("a part that is read when its thread is about to end of idleness arrives whole", async () => {
  using home = new TemporaryHome({ "share/a": "1" });
  for (let round = 0; round < 3; round += 1) {
    await readAll(startReading(home.paths));
    await sleep(idleTimeInMs);
  }
  const { notes } = await readAll(startReading(home.paths));
  assert.deepEqual(notes, []);
});

test("a file that vanishes after it was listed is named", async () => {
  using home = new TemporaryHome({ "share/a": Buffer.alloc(20 * mib), "share/b": "1" });
  const events = startReading(home.paths);
  await events.next();
  rmSync(join(home.paths.share, "b"));
  const { notes } = await readAll(events).catch(() => assert.fail("the stream ended"));
  assert.deepEqual(
    notes.map(({ path, problem }) => [path, problem]),
    [["b", "vanished"]],
  );
});

for (const [problem, change] of [
  ["grew", (place: string) => appendFileSync(place, "more")],
  ["shrank", (place: string) => truncateSync(place, 15 * mib)],
] as const) {
  test(`a large file that ${problem} while it was read keeps the size in its header`, async () => {
    using home = new TemporaryHome({ "share/a": Buffer.alloc(20 * mib, 1), "share/b": "1" });
    let bytes = 0;
    let size = 0;
    const notes: string[] = [];
    for await (const batch of startReading(home.paths)) {
      if (size === 0) change(join(home.paths.share, "a"));
      for (const event of batch) {
        if (event.kind === "entry" && event.entry.path === "a") size = event.entry.size;
        else if (event.kind === "data") bytes += event.bytes.length;
        else if (event.kind === "note") notes.push(`${event.note.path} ${event.note.problem}`);
      }
    }
    assert.equal(size, 20 * mib);
    assert.equal(bytes, 20 * mib + 1);
    assert.deepEqual(notes, [`a ${problem}`]);
  });
}

test("contents of every size around a buffer arrive whole", async () => {
  using home = new TemporaryHome();
  const sizes = [0, 1, 511, 512, mib - 1, mib, mib + 1, 2 * mib, 2 * mib + 1];
  for (const size of sizes)
    home.write(
      `share/${size}`,
      Buffer.from(Array.from({ length: size }, (_, at) => (at * 31 + size) & 255)),
    );
  const { content } = await readAll(startReading(home.paths));
  for (const size of sizes) {
    assert.ok(
      content.get(String(size))?.every((byte, at) => byte === ((at * 31 + size) & 255)),
      `${size} bytes`,
    );
  }
});

test("many entries without content arrive, more than all buffers together announce", async () => {
  using home = new TemporaryHome();
  for (let at = 0; at < 6000; at += 1) writeFileSync(join(home.paths.share, `f${at}`), "");
  assert.equal((await readAll(startReading(home.paths))).entries.length, 6001);
});

test("Safehouse's own folders and data never go in", async () => {
  using home = new TemporaryHome({
    "share/.safehouse/x": "1",
    "share/a/.safehouse/y": "2",
    "share/own/journal": "3",
  });
  const own = { ...home.paths, dataDir: join(home.paths.share, "own") };
  assert.deepEqual(paths(await readAll(startReading(own))), [".", "a"]);
});

test("an exception brings its folders along", async () => {
  using home = new TemporaryHome({
    "share/a/b/keep.txt": "1",
    "share/a/b/x": "2",
    "share/c/y": "3",
  });
  const result = await readAll(startReading(home.paths, { rules: ["share/*", "!keep.txt"] }));
  assert.deepEqual(paths(result), [".", "a", "a/b", "a/b/keep.txt"]);
});

test("sizes and cache tags are obeyed", async () => {
  using home = new TemporaryHome({
    "share/big": Buffer.alloc(2000),
    "share/cache/CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n# ours",
    "share/cache/x": "1",
    "share/false/CACHEDIR.TAG": "no signature",
    "share/false/x": "1",
  });
  const result = await readAll(
    startReading(home.paths, { rules: ["share/* > 1 kB", "CACHEDIR.TAG"] }),
  );
  assert.deepEqual(paths(result), [
    ".",
    "cache",
    "cache/CACHEDIR.TAG",
    "false",
    "false/CACHEDIR.TAG",
    "false/x",
  ]);
});

test("a mount inside a part keeps its folder, loses its content and is named", (context) => {
  if (!canMount()) return context.skip("mount namespaces are not permitted here");
  using home = new TemporaryHome({ "share/a": "1", "other/x": "2" });
  mkdirSync(join(home.paths.share, "bind mount"));
  mkdirSync(join(home.paths.share, "tmpfs"));
  const mounts = [
    `mount --bind "${home.root}/other" "${home.paths.share}/bind mount"`,
    `mount -t tmpfs none ${home.paths.share}/tmpfs`,
  ];
  const result = readInChild(home, mounts);
  assert.deepEqual(result.paths, [".", "a", "bind mount", "tmpfs"]);
  assert.deepEqual(result.notes, [
    ["bind mount", "mount"],
    ["tmpfs", "mount"],
  ]);
});

test("a part without a folder is not found, and one that is being read is busy", async () => {
  using home = new TemporaryHome({ "share/a": Buffer.alloc(20 * mib) });
  const missing = { ...home.paths, share: join(home.root, "missing") };
  await assert.rejects(readAll(startReading(missing)), isProblem("not-found"));
  await assert.rejects(
    readAll(startReading(home.paths, { part: { kind: "folder", name: "ssl" } })),
    isProblem("not-found"),
  );
  const first = startReading(home.paths);
  await first.next();
  await assert.rejects(readAll(startReading(home.paths)), isProblem("busy"));
  await first.return(undefined);
  await readAll(startReading(home.paths));
});

test("aborting ends the stream at once while the reader waits for a slow consumer", async () => {
  using home = new TemporaryHome({ "share/a": Buffer.alloc(20 * mib) });
  const abort = new AbortController();
  const events = startReading(home.paths, { signal: abort.signal });
  await events.next();
  abort.abort();
  await assert.rejects(events.next(), isProblem("cancelled"));
});

test("aborting ends the stream even while the kernel keeps the reader waiting", async (context) => {
  using home = new TemporaryHome({ "share/a": "1", "share/leased": "2" });
  const holder = spawn("python3", ["-c", leaseScript, join(home.paths.share, "leased")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [said] = (await once(holder.stdout, "data")) as [Buffer];
    if (!String(said).startsWith("held")) return context.skip("file leases are not supported here");
    const abort = new AbortController();
    const reading = readAll(startReading(home.paths, { signal: abort.signal }));
    await once(holder.stdout, "data");
    abort.abort();
    await assert.rejects(reading, isProblem("cancelled"));
  } finally {
    holder.kill("SIGKILL");
  }
});

test("a reader that dies ends the stream with an error", async () => {
  using home = new TemporaryHome({ "share/a": "1" });
  const rules = [{ ...parseRule("a"), pattern: "{a,b}".repeat(40) }];
  const events = readPart(
    home.paths,
    { part: { kind: "folder", name: "share" }, database: true, rules },
    new AbortController().signal,
  );
  await assert.rejects(readAll(events), isProblem("incomplete"));
});

function isProblem(problem: string): (error: unknown) => boolean {
  return (error) => error instanceof SafehouseError && error.problem === problem;
}

/** Holds a write lease: whoever opens the file waits in the kernel. Tells when somebody does. */
const leaseScript = `
import fcntl, os, signal, sys, time
signal.signal(signal.SIGIO, lambda *_: print("broken", flush=True))
file = os.open(sys.argv[1], os.O_RDWR)
try:
    fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    print("held", flush=True)
except OSError:
    print("refused", flush=True)
while True:
    time.sleep(1)
`;

function canMount(): boolean {
  try {
    execFileSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function canReadAsNobody(): boolean {
  try {
    execFileSync(process.execPath, [join(import.meta.dirname, "read-part.ts")], {
      uid: 65_534,
      gid: 65_534,
      stdio: "ignore",
    });
    return true;
  } catch {
    return false;
  }
}

/** Reads the share in a process of its own: in a mount namespace with these mounts, or as an ordinary user. */
function readInChild(
  home: TemporaryHome,
  mounts: readonly string[],
): { paths: string[]; notes: string[][] } {
  const script = `
    const { startReading, readAll } = await import(${JSON.stringify(join(import.meta.dirname, "temporary-home.test-support.ts"))});
    const result = await readAll(startReading(${JSON.stringify(home.paths)}));
    console.log(JSON.stringify({ paths: result.entries.map((e) => e.path), notes: result.notes.map((n) => [n.path, n.problem]) }));`;
  const run = [process.execPath, "--input-type=module", "-e", script];
  const command =
    mounts.length === 0
      ? run
      : ["unshare", "-m", "sh", "-c", `${mounts.join(" && ")} && exec "$@"`, "sh", ...run];
  const asNobody =
    mounts.length === 0 && process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const output = execFileSync(command[0] ?? "", command.slice(1), {
    encoding: "utf8",
    ...asNobody,
  });
  return JSON.parse(output) as { paths: string[]; notes: string[][] };
}
