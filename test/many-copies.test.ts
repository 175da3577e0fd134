import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { listCopies } from "#jobs/locations/list-copies.ts";
import type { CatalogueEntry } from "#location/catalogue-port.ts";
import { StateCatalogue } from "#state/catalogue.ts";
import { openState, type State } from "#state/open-state.ts";
import { Settings } from "#state/settings.ts";
import { LocationBook } from "../src/app/locations/location-book.ts";
import { OpenedLocations } from "../src/app/locations/opened-locations.ts";
import { memoryUploads } from "#test/memory-uploads.ts";

const { signal } = new AbortController();
const clock = { now: () => Date.UTC(2026, 0, 1) };
const ids = ["nas", "cellar", "cloud"];

/** A home with four locations, all of them away, and so many backups at each in its catalogue. */
async function makeHome(context: TestContext, count: number) {
  const dataDirectory = mkdtempSync(join(tmpdir(), "safehouse-many-"));
  const state = openState({ dataDirectory, clock, notice: assert.fail });
  context.after(() => {
    state[Symbol.dispose]();
    rmSync(dataDirectory, { recursive: true });
  });
  const settings = new Settings(dataDirectory, state);
  const kept = ids.map((id) => ({ id, kind: "local", settings: { path: `/nowhere/${id}` } }));
  const paths = { location: "/nowhere/backup" };
  await settings.change("home", { paths, locationId: "marker", locations: kept });
  const catalogue = new StateCatalogue(state);
  for (const location of ["backup", ...ids]) {
    const save = Array.from({ length: count }, (_, number) => entriesOf(number)).flat();
    const place = { home: "home", location };
    await catalogue.update(place, { save, forget: [], lookedAt: clock.now() });
  }
  const book = new LocationBook({ dataDirectory, home: "home", settings });
  const recovered = (sentence: string): void => assert.fail(sentence);
  const locations = new OpenedLocations({
    uploads: memoryUploads(),
    book,
    home: "home",
    catalogue,
    clock,
    recovered,
  });
  return { locations, state };
}

/** An archive of a home with a few add-ons, and the notes on it. */
function entriesOf(number: number): CatalogueEntry[] {
  const slug = number.toString(16).padStart(8, "0");
  const object = { size: 1e9, modifiedAt: clock.now() - number * 3_600_000, version: "1" };
  const addons = Array.from({ length: 12 }, (_, at) => ({
    slug: `core_addon_${at}`,
    name: `Add-on ${at}`,
    version: "1.2.3",
    size: 1e6,
  }));
  const facts = {
    slug,
    name: `Automatic backup ${number}`,
    date: new Date(object.modifiedAt).toISOString(),
    type: "full",
    protected: true,
    compressed: true,
    size: object.size,
    homeassistant: { version: "2026.1.0", databaseIncluded: true, size: 5e8 },
    folders: [{ name: "share", size: 1e6 }],
    addons,
    extra: { safehouse: { version: 1, writer: "Safehouse", parts: {} } },
    problems: [],
  } as const;
  const notes = {
    verification: { verdict: "proven", level: "content", at: facts.date },
    pin: { pinned: false, at: facts.date },
  };
  const settled = true;
  return [
    { object: { key: `${slug}.tar`, ...object }, inspection: { kind: "archive", facts }, settled },
    {
      object: { key: `.safehouse/${slug}.json`, ...object },
      inspection: { kind: "notes", notes },
      settled,
    },
  ];
}

/** How often the state file is turned to while the work is done. */
async function turnsTo(state: State, work: () => Promise<unknown>): Promise<number> {
  const run = state.run.bind(state);
  let turns = 0;
  state.run = (asked) => {
    turns += 1;
    return run(asked);
  };
  await work();
  return turns;
}

test("2,000 backups at four dead locations are listed with as many questions as 20", async (context) => {
  const counted: number[] = [];
  for (const count of [20, 2000]) {
    const { locations, state } = await makeHome(context, count);
    const list = () => listCopies(locations, { fresh: false, clock, signal });
    const { backups, locations: answers } = await list();
    assert.equal(backups.length, count);
    assert.ok(backups.every(({ copies }) => copies.length === 4));
    assert.ok(backups.every(({ copies }) => copies.every(({ pinned }) => pinned === false)));
    assert.ok(answers.every(({ asOf }) => asOf === "2026-01-01T00:00:00.000Z"));
    const started = performance.now();
    counted.push(await turnsTo(state, list));
    context.diagnostic(`${count} backups: ${Math.round(performance.now() - started)} ms`);
  }
  assert.equal(counted[0], counted[1]);
  assert.ok((counted[0] ?? 0) > 0);
});

test("four dead locations are told as such, and nothing of them is lost", async (context) => {
  const { locations } = await makeHome(context, 20);
  const { backups, locations: answers } = await listCopies(locations, {
    fresh: true,
    clock,
    signal,
  });
  assert.equal(backups.length, 20);
  assert.ok(answers.every(({ problem }) => problem?.problem === "unreachable"));
});
