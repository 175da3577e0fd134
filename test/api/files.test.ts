import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { BytesServer } from "#test/bytes-server.ts";
import { configBackup } from "#test/hostile-backup.ts";
import { loops } from "#test/loops.ts";
import { samplePassword, type SampleEntry, type SampleOptions } from "#test/sample-archive.ts";
import { sampleBytes } from "#test/sample-bytes.ts";
import { storeSample } from "#test/stored-sample.ts";

interface Row {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  readonly size: number;
  readonly files?: number;
  readonly mode?: number;
}

interface Page {
  readonly total: number;
  readonly entries: readonly Row[];
}

const film = sampleBytes("film", 3_000_000);
const tree: readonly SampleEntry[] = [
  { path: "media", type: "directory" },
  { path: "media/films", type: "directory", mode: 0o700 },
  { path: "media/films/one.mp4", content: film },
  { path: "media/films/old/two.txt", content: "two" },
  { path: "media/Übersicht.yaml", content: "a: 1\n" },
  { path: "media/a.html", content: "<script>alert(1)</script>" },
  { path: "media/link", type: "symlink", linkTarget: "films" },
];

/** A sample with its index beside it, as a backup of ours has it. */
async function storeIndexed(
  server: BytesServer,
  entries: readonly SampleEntry[],
  options: Partial<SampleOptions> = {},
) {
  const parts = [{ part: { kind: "folder", name: "media" } as const, entries }];
  const sample = await storeSample(server, "mine.tar", { ...options, parts });
  const { slug } = (await sample.open()).metadata;
  mkdirSync(join(server.location, ".safehouse"), { recursive: true });
  writeFileSync(join(server.location, ".safehouse", `${slug}.index`), sample.indexBytes);
  return sample;
}

function listingPath(query: Readonly<Record<string, string>>): string {
  return `/backups/mine.tar/files?${new URLSearchParams(query).toString()}`;
}

async function pageOf(server: BytesServer, query: Readonly<Record<string, string>>): Promise<Page> {
  const response = await server.fetch(listingPath(query));
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as Page;
}

function post(server: BytesServer, path: string, body: object): Promise<Response> {
  return server.fetch(path, { method: "POST", body: JSON.stringify(body) });
}

async function problemOf(response: Response): Promise<[number, unknown]> {
  return [response.status, ((await response.json()) as { problem: unknown }).problem];
}

/** Whether the headers are out by then is left to chance. */
async function breaksOff(answer: Promise<Response>): Promise<void> {
  const whole = answer.then((response) => response.arrayBuffer());
  await assert.rejects(whole, TypeError);
}

function contentPath(path: string, part = "media"): string {
  return `/backups/mine.tar/files/content?${new URLSearchParams({ part, path }).toString()}`;
}

test("a folder is listed one level at a time, folders first, with all that lies below them", async (context) => {
  const server = await BytesServer.here(context);
  await storeIndexed(server, tree);
  const top = await pageOf(server, { part: "media" });
  const all = film.length + 3 + 5 + 25;
  assert.deepEqual(
    top.entries.map(({ name, type, size, files }) => [name, type, size, files]),
    [["media", "directory", all, 4]],
  );
  const { total, entries } = await pageOf(server, { part: "media", folder: "media" });
  assert.equal(total, 4);
  assert.deepEqual(
    entries.map(({ path, type, size, files }) => [path, type, size, files]),
    [
      ["media/films", "directory", film.length + 3, 2],
      ["media/a.html", "file", 25, undefined],
      ["media/link", "symlink", 0, undefined],
      ["media/Übersicht.yaml", "file", 5, undefined],
    ],
  );
  assert.equal(entries[0]?.mode, 0o700);
  const films = await pageOf(server, { part: "media", folder: "./media/films/" });
  assert.deepEqual(
    films.entries.map(({ name }) => name),
    ["old", "one.mp4"],
  );
  assert.equal(films.entries[0]?.mode, undefined);
  for (const folder of ["med", "media/none", "../media"]) {
    const response = await server.fetch(listingPath({ part: "media", folder }));
    assert.deepEqual(await problemOf(response), [404, "not-found"], folder);
  }
  const found = await pageOf(server, { part: "media", search: "ÜBER" });
  assert.deepEqual(
    found.entries.map(({ path }) => path),
    ["media/Übersicht.yaml"],
  );
  assert.equal(
    (await pageOf(server, { part: "media", folder: "media/films", search: "." })).total,
    2,
  );
});

test("pages put together are the whole, wherever they are cut", async (context) => {
  const server = await BytesServer.here(context);
  const names = Array.from({ length: 40 }, (_, at) => `media/${(at * 7919) % 101}`);
  const files = names.map((path, at) => (at % 3 === 0 ? { path: `${path}/file` } : { path }));
  await storeIndexed(server, files);
  const whole = await pageOf(server, { part: "media", folder: "media" });
  assert.equal(whole.entries.length, 40);
  const sorted = (rows: readonly Row[]) => rows.map(({ name }) => name).toSorted();
  for (const kind of ["directory", "file"]) {
    const some = whole.entries.filter(({ type }) => type === kind);
    assert.deepEqual(
      some.map(({ name }) => name),
      sorted(some),
    );
  }
  await fc.assert(
    fc.asyncProperty(fc.nat(45), fc.integer({ min: 1, max: 20 }), async (offset, limit) => {
      const query = { offset: String(offset), limit: String(limit) };
      const page = await pageOf(server, { part: "media", folder: "media", ...query });
      assert.equal(page.total, 40);
      assert.deepEqual(page.entries, whole.entries.slice(offset, offset + limit));
    }),
    { numRuns: loops(15) },
  );
});

test("a file comes out as it is, is never shown by a browser, and has no name that it runs under", async (context) => {
  const server = await BytesServer.here(context);
  await storeIndexed(server, tree);
  const response = await server.fetch(contentPath("media/films/one.mp4"));
  assert.equal(response.headers.get("Content-Type"), "video/mp4");
  assert.equal(response.headers.get("Content-Length"), String(film.length));
  assert.deepEqual(Buffer.from(await response.arrayBuffer()), film);
  const page = await server.fetch(contentPath("media/a.html"));
  assert.equal(page.headers.get("Content-Type"), "application/octet-stream");
  assert.equal(page.headers.get("X-Content-Type-Options"), "nosniff");
  assert.equal(page.headers.get("Content-Disposition"), `attachment; filename="a.html"`);
  assert.equal(await page.text(), "<script>alert(1)</script>");
  const head = await server.fetch(contentPath("media/Übersicht.yaml"), { method: "HEAD" });
  assert.equal(head.headers.get("Content-Length"), "5");
  assert.match(
    head.headers.get("Content-Disposition") ?? "",
    /^attachment; .*UTF-8''%C3%9Cbersicht\.yaml$/,
  );
  assert.deepEqual(await problemOf(await server.fetch(contentPath("media/none"))), [
    404,
    "not-found",
  ]);
  assert.deepEqual(await problemOf(await server.fetch(contentPath("media/link"))), [
    422,
    "unsupported",
  ]);
  assert.deepEqual(await problemOf(await server.fetch(contentPath("x", "ssl"))), [
    404,
    "not-found",
  ]);
});

test("files of an encrypted backup need its password, which stands in the body", async (context) => {
  const server = await BytesServer.here(context);
  await storeIndexed(server, tree, { version: 3 });
  const listing = "/backups/mine.tar/files";
  const locked = await server.fetch(`${listing}?part=media`);
  assert.deepEqual(await problemOf(locked), [422, "password-needed"]);
  const wrong = await post(server, listing, { part: "media", password: "wrong" });
  assert.deepEqual(await problemOf(wrong), [422, "wrong-password"]);
  const inAddress = await server.fetch(`${listing}?part=media&password=hunter2`);
  assert.deepEqual(await problemOf(inAddress), [400, "usage"]);
  const wish = { part: "media", password: samplePassword };
  const listed = (await (await post(server, listing, { ...wish, folder: "media" })).json()) as Page;
  assert.equal(listed.total, 4);
  const file = { ...wish, path: "media/films/one.mp4" };
  const content = await post(server, `${listing}/content`, file);
  assert.deepEqual(Buffer.from(await content.arrayBuffer()), film);
});

test("a damaged file breaks the connection before its end", async (context) => {
  const server = await BytesServer.here(context);
  const { bytes } = await storeIndexed(server, tree, { compressed: false });
  const at = bytes.indexOf(film.subarray(2_500_000, 2_500_100));
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(join(server.location, "mine.tar"), bytes);
  await breaksOff(server.fetch(contentPath("media/films/one.mp4")));
});

test("a small damaged file is refused, so that nobody takes it for whole", async (context) => {
  const server = await BytesServer.here(context);
  const { bytes } = await storeIndexed(server, tree, { compressed: false });
  bytes[bytes.indexOf("<script>")] = 0;
  writeFileSync(join(server.location, "mine.tar"), bytes);
  assert.deepEqual(await problemOf(await server.fetch(contentPath("media/a.html"))), [
    422,
    "damaged",
  ]);
});

test("a folder comes as a tar that other programs unpack, with its own name on top", async (context) => {
  const server = await BytesServer.here(context);
  const hardlink = {
    path: "media/films/again.txt",
    type: "hardlink",
    linkTarget: "media/films/old/two.txt",
  } as const;
  await storeIndexed(server, [...tree, hardlink], { version: 3 });
  const path = "/backups/mine.tar/files/archive";
  const wish = { part: "media", folder: "media/films", password: samplePassword };
  const response = await post(server, path, wish);
  assert.equal(response.headers.get("Content-Disposition"), `attachment; filename="films.tar"`);
  const to = join(server.folder, "unpacked");
  mkdirSync(to);
  writeFileSync(join(to, "films.tar"), Buffer.from(await response.arrayBuffer()));
  execFileSync("tar", ["-xf", "films.tar"], { cwd: to });
  assert.deepEqual(readFileSync(join(to, "films/one.mp4")), film);
  assert.equal(readFileSync(join(to, "films/again.txt"), "utf8"), "two");
  assert.equal(statSync(join(to, "films")).mode & 0o777, 0o700);
  assert.deepEqual(readdirSync(to).toSorted(), ["films", "films.tar"]);
  const whole = Buffer.from(
    await (await post(server, path, { ...wish, folder: "" })).arrayBuffer(),
  );
  assert.equal(
    execFileSync("tar", ["-t"], { input: whole }).toString().split("\n").length,
    tree.length + 2,
  );
  assert.deepEqual(await problemOf(await post(server, path, { ...wish, folder: "med" })), [
    404,
    "not-found",
  ]);
});

test("a folder that leads out of itself is not packed", async (context) => {
  for (const strange of [
    { path: "media/../../etc/passwd" },
    { path: "media/link", type: "hardlink", linkTarget: "other/file" } as const,
  ]) {
    const server = await BytesServer.here(context);
    await storeIndexed(server, [...tree, { path: "other/file" }, strange]);
    const folder = "/backups/mine.tar/files/archive?part=media&folder=media";
    assert.deepEqual(await problemOf(await server.fetch(folder)), [422, "unsupported"]);
  }
});

test("a failure in the middle is never ended well, as the library that writes answers would do it", async (context) => {
  const server = await BytesServer.here(context);
  const { bytes } = await storeIndexed(server, tree, { compressed: false });
  const at = bytes.indexOf(film.subarray(2_500_000, 2_500_100));
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(join(server.location, "mine.tar"), bytes);
  await breaksOff(server.fetch("/backups/mine.tar/files/archive?part=media"));
});

/** Has the index made; resolves when that run has ended. */
async function makeIndex(server: BytesServer): Promise<void> {
  const response = await post(server, "/backups/mine.tar/index", {});
  assert.equal(response.status, 202, await response.clone().text());
  const { run } = (await response.json()) as { run: string };
  for (;;) {
    const { ended } = (await (await server.fetch(`/runs/${run}`)).json()) as { ended?: unknown };
    if (ended !== undefined && ended !== null) return;
    await new Promise(setImmediate);
  }
}

test("the files of an archive of others are told once it was read, in a run of its own", async (context) => {
  const server = await BytesServer.here(context);
  writeFileSync(join(server.location, "mine.tar"), await configBackup([]));
  const query = { part: "homeassistant", folder: "data" };
  const file = contentPath("configuration.yaml", "homeassistant");
  const folder = "/backups/mine.tar/files/archive?part=homeassistant";
  for (const path of [listingPath(query), file, folder])
    assert.deepEqual(await problemOf(await server.fetch(path)), [409, "incomplete"], path);
  await makeIndex(server);
  const page = await pageOf(server, query);
  assert.deepEqual(
    page.entries.map(({ name }) => name),
    ["configuration.yaml", "last.txt"],
  );
  assert.equal(await (await server.fetch(file)).text(), "default_config:\n");
  assert.deepEqual(readdirSync(server.location), ["mine.tar"]);
  assert.deepEqual(server.faults, []);
});

test("a damaged archive gets no index, and its run says why", async (context) => {
  const server = await BytesServer.here(context);
  const bytes = await configBackup([
    { name: "data/noise", content: sampleBytes("noise", 100_000) },
  ]);
  bytes.fill(0, 50_000, 50_100);
  writeFileSync(join(server.location, "mine.tar"), bytes);
  await makeIndex(server);
  const { runs } = (await (await server.fetch("/runs")).json()) as {
    runs: readonly { steps: readonly { error?: { problem: string } }[] }[];
  };
  assert.equal(runs[0]?.steps[0]?.error?.problem, "damaged");
  const listing = await server.fetch(listingPath({ part: "homeassistant" }));
  assert.deepEqual(await problemOf(listing), [409, "incomplete"]);
});
