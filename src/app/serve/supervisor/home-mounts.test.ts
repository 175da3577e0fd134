import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { SafehouseError, type Problem } from "#core/model/problem.ts";
import { StateCatalogue } from "#state/catalogue.ts";
import { openState } from "#state/open-state.ts";
import { Settings } from "#state/settings.ts";
import { storageCatalog, type CatalogEntry, type PlaceSettings } from "#storage/catalog.ts";
import { asSafehouseError, StorageError } from "#storage/errors.ts";
import { MemoryStorage } from "#storage/memory/provider.ts";
import { LocationBook } from "../../locations/location-book.ts";
import { OpenedLocations } from "../../locations/opened-locations.ts";
import { HomeMounts } from "./home-mounts.ts";
import type { HomeTools } from "./home-tools.ts";
import { memoryUploads } from "#test/memory-uploads.ts";

const { signal } = new AbortController();

/** A kind of network share whose servers are in memory; those called dead do not answer. */
function shares(kind: string, fields: readonly string[], opened: unknown[]): CatalogEntry {
  const places = new Map<string, MemoryStorage>();
  const where = ({ host, share, export: path }: PlaceSettings): string =>
    `${String(host)}/${String(share ?? path)}`;
  return {
    kind,
    title: kind,
    fields: fields.map((name) => ({
      name,
      title: name,
      type: name === "port" ? "number" : "text",
      ...(name === "password" ? { secret: true } : {}),
    })),
    where,
    open: async (settings) => {
      opened.push(settings);
      const place = where(settings);
      if (place.startsWith("dead")) throw new StorageError("unreachable", "dead does not answer");
      const storage = places.get(place) ?? new MemoryStorage();
      places.set(place, storage);
      return storage;
    },
  };
}

function makeMounts(context: TestContext, hasShares = true) {
  const dataDirectory = mkdtempSync(join(tmpdir(), "safehouse-mounts-"));
  const state = openState({ dataDirectory, clock: Date, notice: assert.fail });
  context.after(() => {
    state[Symbol.dispose]();
    rmSync(dataDirectory, { recursive: true });
  });
  const opened: unknown[] = [];
  const catalog = [
    ...storageCatalog.filter(({ kind }) => kind !== "smb" && kind !== "nfs"),
    ...(hasShares
      ? [
          shares(
            "smb",
            ["host", "port", "share", "path", "user", "password", "minimumProtocol"],
            opened,
          ),
          shares("nfs", ["host", "port", "export"], opened),
        ]
      : []),
  ];
  const settings = new Settings(dataDirectory, state);
  const book = new LocationBook({ dataDirectory, home: "home", settings, catalog });
  const catalogue = new StateCatalogue(state);
  const recovered = (): void => undefined;
  const locations = new OpenedLocations({
    uploads: memoryUploads(),
    book,
    home: "home",
    catalogue,
    clock: Date,
    recovered,
  });
  const services = {
    translateError: asSafehouseError,
    openLocations: async () => ({
      locations,
      setUp: book,
      chosen: undefined,
      clock: Date,
      [Symbol.asyncDispose]: async () => undefined,
    }),
  };
  const tools = {
    context: { services, place: {}, signal },
    clock: Date,
    settings: {
      read: () => settings.read("home"),
      decide: (decide: Parameters<Settings["decide"]>[1]) => settings.decide("home", decide),
    },
  };
  const look = { again: async () => undefined, problemAt: () => undefined };
  const mounts = new HomeMounts(tools as unknown as HomeTools, look);
  const file = (): string => readFileSync(join(dataDirectory, "settings.json"), "utf8");
  return { mounts, book, opened, file };
}

const nas = {
  name: "NAS",
  type: "cifs",
  server: "nas.local",
  port: undefined,
  share: "backups",
  version: undefined,
  login: { user: "homeassistant", password: "secret of the share" },
} as const;
const attic = { name: "attic", type: "nfs", server: "attic", port: 2050, path: "/b" } as const;

async function rejection(work: Promise<unknown>): Promise<Problem | undefined> {
  const error: unknown = await work.then(
    () => assert.fail("It was accepted"),
    (reason: unknown) => reason,
  );
  return error instanceof SafehouseError ? error.problem : undefined;
}

test("a mount becomes a location of its name, sealed and marked; the first takes new backups", async (context) => {
  const { mounts, book, opened, file } = makeMounts(context);
  await mounts.create(nas);
  await mounts.create(attic);
  const { login: _, ...place } = nas;
  assert.deepEqual(await mounts.list(), {
    defaultMount: "NAS",
    mounts: [
      { ...place, state: "active" },
      { ...attic, state: "active" },
    ],
  });
  const { locations } = await book.read();
  assert.deepEqual(
    locations.map(({ id, name }) => [id, name]),
    [
      ["backup", "Backup"],
      ["nas", "NAS"],
      ["attic", "attic"],
    ],
  );
  assert.ok(locations[1]?.marker !== undefined);
  assert.doesNotMatch(file(), /secret of the share/);
  assert.equal((opened[0] as PlaceSettings)["password"], "secret of the share");
});

test("a mount whose server does not answer is not kept", async (context) => {
  const { mounts } = makeMounts(context);
  assert.equal(await rejection(mounts.create({ ...nas, server: "dead" })), "unreachable");
  assert.deepEqual(await mounts.list(), { defaultMount: undefined, mounts: [] });
});

test("a replaced mount forgets its login and its port, and stays of its kind", async (context) => {
  const { mounts, opened } = makeMounts(context);
  await mounts.create({ ...nas, port: 1445 });
  await mounts.replace({ ...nas, share: "other", login: undefined });
  const [mount] = (await mounts.list()).mounts;
  assert.ok(mount?.type === "cifs");
  assert.deepEqual([mount.share, mount.port], ["other", undefined]);
  const last = opened.at(-1) as PlaceSettings;
  assert.deepEqual([last["user"], last["password"]], ["", ""]);
  assert.equal(await rejection(mounts.replace({ ...attic, name: "NAS" })), "unsupported");
  assert.equal(await rejection(mounts.replace({ ...nas, server: "dead" })), "unreachable");
  assert.deepEqual((await mounts.list()).mounts, [mount]);
});

test("a folder of a share and the version of the protocol are kept", async (context) => {
  const { mounts, opened } = makeMounts(context);
  await mounts.create({ ...nas, share: "backups/home assistant", version: "2.0" });
  const [mount] = (await mounts.list()).mounts;
  assert.ok(mount?.type === "cifs");
  assert.deepEqual([mount.share, mount.version], ["backups/home assistant", "2.0"]);
  const { share, path, minimumProtocol } = opened[0] as PlaceSettings;
  assert.deepEqual([share, path, minimumProtocol], ["backups", "home assistant", "2.0"]);
});

test("a removed mount is no location any more, and takes no new backups", async (context) => {
  const { mounts, book } = makeMounts(context);
  await mounts.create(nas);
  await mounts.reload("NAS");
  await mounts.remove("NAS");
  assert.deepEqual(await mounts.list(), { defaultMount: undefined, mounts: [] });
  assert.equal((await book.read()).locations.length, 1);
  assert.equal(await rejection(mounts.remove("NAS")), "not-found");
});

test("without a kind for network shares no mount can be made, and other locations are none", async (context) => {
  const { mounts } = makeMounts(context, false);
  assert.equal(await rejection(mounts.create(nas)), "unsupported");
  assert.equal(await rejection(mounts.create(attic)), "unsupported");
  assert.deepEqual((await mounts.list()).mounts, []);
});
