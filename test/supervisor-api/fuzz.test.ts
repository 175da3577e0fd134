import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { supervisorRoutes } from "#api/supervisor/supervisor-routes.ts";
import type { SupervisorHome } from "#api/supervisor/supervisor-home.ts";
import { KeptMounts } from "#test/supervisor/kept-mounts.ts";
import { loops } from "#test/loops.ts";
import { WorkList } from "#test/supervisor/work-list.ts";

const started = { id: "0".repeat(32), slug: "7fed74c8", ended: Promise.resolve(undefined) };

/** A home that agrees to everything, and says so by what it was asked for. */
function agreeableHome(): SupervisorHome {
  const mounts = new KeptMounts();
  const kept = {
    slug: "7fed74c8",
    name: "Nightly",
    date: "2026-08-01T10:00:00+00:00",
    type: "full",
    compressed: true,
    supervisorVersion: undefined,
    homeassistant: { version: "2026.8.1", databaseIncluded: true },
    folders: ["ssl"],
    addons: [],
    repositories: [],
    extra: {},
    copies: [{ location: ".local", fileName: "Nightly.tar", size: 1, protected: false }],
  } as const;
  return {
    mounts,
    jobs: new WorkList(),
    info: {
      describe: async () => ({
        version: undefined,
        hostname: "home",
        operatingSystem: "Debian",
        arch: "x64",
        timeZone: "UTC",
        addons: [],
        networkInterfaces: [],
      }),
    },
    backups: {
      locations: async () => [".local", ...mounts.wishes.keys()],
      list: async () => [kept],
      find: async (slug) => (slug === kept.slug ? kept : undefined),
      reload: async () => undefined,
      daysUntilStale: async () => 30,
      setDaysUntilStale: async () => undefined,
      create: async () => started,
      restore: async () => started,
      upload: async (content) => {
        for await (const _ of content);
        return "7fed74c8";
      },
      open: async () => ({
        fileName: "Nightly.tar",
        modifiedAt: 0,
        version: "1",
        source: {
          size: 1,
          read: async () => new Uint8Array(1),
          close: async () => undefined,
        },
      }),
      remove: async () => undefined,
      state: async () => "running",
      freeze: async () => undefined,
      thaw: async () => true,
    },
  };
}

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    null,
    "",
    ".local",
    "nas",
    "ALL",
    [],
    ["ssl"],
    true,
    1,
    "cifs",
    "backup",
  ),
);
const keys = [
  "name",
  "filename",
  "password",
  "compressed",
  "location",
  "homeassistant_exclude_database",
  "background",
  "extra",
  "homeassistant",
  "addons",
  "apps",
  "folders",
  "timeout",
  "days_until_stale",
  "ignore_conditions",
  "default_backup_mount",
  "type",
  "usage",
  "server",
  "share",
  "path",
  "port",
  "version",
  "username",
  "read_only",
  "__proto__",
];
const body = fc.oneof(
  { weight: 6, arbitrary: fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 8 }) },
  { weight: 1, arbitrary: fc.jsonValue() },
);
const text = fc.oneof(
  { weight: 9, arbitrary: body.map((json) => JSON.stringify(json)) },
  { weight: 1, arbitrary: fc.string() },
);
const requests = [
  ["POST", "/backups/options"],
  ["POST", "/backups/reload"],
  ["POST", "/backups/new/full"],
  ["POST", "/backups/new/partial"],
  ["POST", "/backups/new/upload"],
  ["POST", "/backups/freeze"],
  ["POST", "/backups/thaw"],
  ["DELETE", "/backups/7fed74c8"],
  ["POST", "/backups/7fed74c8/restore/full"],
  ["POST", "/backups/7fed74c8/restore/partial"],
  ["POST", "/mounts"],
  ["POST", "/mounts/options"],
  ["PUT", "/mounts/nas"],
  ["POST", "/jobs/options"],
] as const;

test("whatever is sent, the answer is an envelope with a status that clients know, and never a fault", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(1 as const, 2 as const),
      fc.array(fc.tuple(fc.constantFrom(...requests), text), { minLength: 1, maxLength: 5 }),
      async (version, sent) => {
        const faults: unknown[] = [];
        const app = supervisorRoutes(agreeableHome(), {
          version,
          requires: () => (_, next) => next(),
          onFault: (error) => void faults.push(error),
        });
        for (const [[method, path], content] of sent) {
          const response = await app.request(path, { method, body: content });
          assert.ok([200, 400, 403, 404].includes(response.status), `${response.status} ${path}`);
          const envelope = (await response.json()) as Record<string, unknown>;
          assert.equal(envelope["result"], response.ok ? "ok" : "error");
          assert.equal(
            typeof envelope[response.ok ? "data" : "message"],
            response.ok ? "object" : "string",
          );
          assert.deepEqual(faults, []);
        }
      },
    ),
    { numRuns: loops(500) },
  );
});

test("a body that would fill the memory is refused", async () => {
  const app = supervisorRoutes(agreeableHome(), {
    version: 1,
    requires: () => (_, next) => next(),
    onFault: (error) => assert.fail(String(error)),
  });
  const endless = new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(1024 * 1024)) });
  const init: RequestInit & { duplex: "half" } = { method: "POST", body: endless, duplex: "half" };
  const response = await app.request("/backups/new/full", init);
  assert.equal(response.status, 400);
});
