import { strict as assert } from "node:assert";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { SafehouseError } from "#core/model/problem.ts";
import { ProductHome } from "#test/supervisor/product-home.ts";
import { serveSupervisor, type SupervisorServer } from "#test/supervisor/serve-supervisor.ts";

/** The requests of `ha` and Home Assistant against real archives; each test begins with what the last one left. */
let home: ProductHome;
let server: SupervisorServer;
const password = "correct horse battery staple";

before(async () => {
  home = await ProductHome.open();
  server = await serveSupervisor(home);
});

after(async () => {
  assert.deepEqual(server.faults, []);
  await server[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

interface Listed {
  readonly slug: string;
  readonly name: string;
  readonly [key: string]: unknown;
}

async function list(): Promise<readonly Listed[]> {
  const { data } = await server.call("GET", "/backups");
  return data["backups"] as readonly Listed[];
}

async function slugOf(name: string): Promise<string> {
  const found = (await list()).find((backup) => backup.name === name);
  assert.ok(found !== undefined, `there is no backup ${name}`);
  return found.slug;
}

async function refusal(method: string, path: string, body?: unknown) {
  const { status, result, message } = await server.call(method, path, body);
  assert.equal(result, "error");
  return [status, message];
}

describe("backups", () => {
  test("are none at first", async () => {
    const { data } = await server.call("GET", "/backups/info");
    assert.deepEqual(data, { backups: [], days_until_stale: 30 });
  });

  test("are made in full and answered when they are there", async () => {
    const { status, data } = await server.call("POST", "/backups/new/full", { name: "Full" });
    assert.equal(status, 200);
    assert.match(String(data["job_id"]), /^[0-9a-f]{32}$/);
    const [backup, ...others] = await list();
    assert.ok(backup !== undefined);
    assert.deepEqual(others, []);
    assert.equal(backup.slug, data["slug"]);
    const { size_bytes: size, date, ...rest } = backup;
    assert.ok(!Number.isNaN(Date.parse(String(date))));
    assert.deepEqual(rest, {
      slug: backup.slug,
      name: "Full",
      type: "full",
      size: Math.round((Number(size) / 1024 ** 2) * 100) / 100,
      protected: false,
      location: null,
      locations: [null],
      location_attributes: { ".local": { protected: false, size_bytes: size } },
      compressed: true,
      content: {
        homeassistant: true,
        addons: ["core_mosquitto", "local_own"],
        folders: ["share", "addons/local", "ssl", "media"],
      },
    });
  });

  test("are made in part, encrypted, at two locations, in the background", async () => {
    const { data } = await server.call("POST", "/backups/new/partial", {
      name: "Part",
      password,
      addons: ["core_mosquitto"],
      folders: ["ssl", "homeassistant"],
      homeassistant_exclude_database: true,
      location: [null, "nas"],
      background: true,
      extra: { note: "by a program" },
    });
    assert.deepEqual(Object.keys(data), ["job_id"]);
    const path = `/jobs/${String(data["job_id"])}`;
    let job = await server.call("GET", path);
    const slug = String(job.data["reference"]);
    while (job.data["done"] !== true || (await home.backups.state()) === "freeze") {
      job = await server.call("GET", path);
    }
    assert.deepEqual(job.data["errors"], []);
    const info = await server.call("GET", `/backups/${slug}/info`);
    assert.equal(info.data["homeassistant"], "2026.8.1");
    assert.equal(info.data["homeassistant_exclude_database"], true);
    assert.deepEqual(info.data["folders"], ["ssl"]);
    assert.deepEqual(info.data["locations"], [null, "nas"]);
    assert.equal((info.data["extra"] as Record<string, unknown>)["note"], "by a program");
    const [addon] = info.data["addons"] as Record<string, unknown>[];
    assert.equal(addon?.["slug"], "core_mosquitto");
  });

  test("are called apps in the second version", async () => {
    const { data } = await server.call("GET", "/v2/backups");
    const [backup] = (data["backups"] as Listed[]).filter(({ name }) => name === "Part");
    assert.deepEqual(backup?.["content"], {
      homeassistant: true,
      apps: ["core_mosquitto"],
      folders: ["ssl"],
    });
  });

  test("of a slug that nobody knows do not exist", async () => {
    const unknown = [404, "Backup does not exist"];
    assert.deepEqual(await refusal("GET", "/backups/00000000/info"), unknown);
    assert.deepEqual(await refusal("DELETE", "/backups/00000000"), unknown);
    assert.deepEqual(await refusal("POST", "/backups/00000000/restore/full"), unknown);
  });

  test("go to no place that nobody knows, nor to that of Home Assistant alone", async () => {
    const path = "/backups/new/full";
    const { error_key: key, extra_fields: fields } = await server.call("POST", path, {
      location: "cellar",
    });
    assert.deepEqual([key, fields], ["mount_not_found_error", { mount: "cellar" }]);
    assert.deepEqual(await refusal("POST", path, { location: "cellar" }), [
      404,
      "No mount exists with name 'cellar'",
    ]);
    assert.deepEqual(await refusal("POST", path, { location: ".cloud_backup" }), [
      403,
      "Location .cloud_backup is only available for Home Assistant",
    ]);
    assert.deepEqual(await refusal("POST", path, { location: [] }), [400, "No location is named"]);
  });

  test("tell at once that the password is wrong, in the words that Home Assistant looks for", async () => {
    const slug = await slugOf("Part");
    const config = readFileSync(join(home.folder, "config/configuration.yaml"), "utf8");
    for (const body of [{ password: "wrong" }, {}, { password: "wrong", background: true }])
      assert.deepEqual(
        await refusal("POST", `/backups/${slug}/restore/partial`, { ...body, folders: ["ssl"] }),
        [400, `Invalid password for backup ${slug}`],
      );
    assert.equal(readFileSync(join(home.folder, "config/configuration.yaml"), "utf8"), config);
  });

  test("are restored in part, and in full only if they are full", async () => {
    const slug = await slugOf("Part");
    const pem = join(home.folder, "ssl/privkey.pem");
    const key = readFileSync(pem);
    writeFileSync(pem, "lost");
    assert.deepEqual(await refusal("POST", `/backups/${slug}/restore/full`, { password }), [
      400,
      `${slug} is only a partial backup!`,
    ]);
    const { data } = await server.call("POST", `/backups/${slug}/restore/partial`, {
      password,
      folders: ["ssl"],
      location: "nas",
    });
    assert.match(String(data["job_id"]), /^[0-9a-f]{32}$/);
    assert.deepEqual(readFileSync(pem), key);
  });

  test("are restored only as far as they go, from where they are", async () => {
    const slug = await slugOf("Part");
    const path = `/backups/${slug}/restore/partial`;
    assert.deepEqual(await refusal("POST", path, { password, folders: ["media"], addons: ["x"] }), [
      400,
      `Backup ${slug} does not contain x, media`,
    ]);
    const full = await slugOf("Full");
    assert.deepEqual(await refusal("POST", `/backups/${full}/restore/full`, { location: "nas" }), [
      400,
      `Backup ${full} does not exist in nas`,
    ]);
    await server.call("POST", "/backups/new/partial", { name: "Files", folders: ["ssl"] });
    const files = await slugOf("Files");
    assert.deepEqual(
      await refusal("POST", `/backups/${files}/restore/partial`, { homeassistant: true }),
      [400, "No Home Assistant Core data inside the backup"],
    );
  });

  test("whose file has gone are told of as official servers do", async () => {
    const slug = await slugOf("Files");
    const listed = await home.backups.find(slug);
    const name = listed?.copies[0]?.fileName ?? "";
    // It goes between the look at the list and the work.
    home.backups.find = async () => listed;
    rmSync(join(home.folderOf(".local"), name));
    assert.deepEqual(
      await refusal("POST", `/backups/${slug}/restore/partial`, { folders: ["ssl"] }),
      [404, `Cannot validate backup at ${name}, file does not exist!`],
    );
    assert.deepEqual(await refusal("DELETE", `/backups/${slug}`), [
      404,
      `Cannot delete backup at ${name}, file does not exist!`,
    ]);
    const gone = await server.ask(`/backups/${slug}/download`);
    assert.deepEqual([gone.status, await gone.text()], [404, ""]);
    Reflect.deleteProperty(home.backups, "find");
  });

  test("are removed at the locations that are named, then everywhere", async () => {
    const slug = await slugOf("Part");
    const remove = (location?: unknown) =>
      server.call("DELETE", `/backups/${slug}`, location === undefined ? undefined : { location });
    assert.equal((await remove(["elsewhere"])).status, 200);
    assert.equal((await remove([null])).status, 200);
    const { data } = await server.call("GET", `/backups/${slug}/info`);
    assert.deepEqual(data["locations"], ["nas"]);
    assert.equal(data["location"], "nas");
    assert.equal((await remove()).status, 200);
    const left = readdirSync(home.folderOf("nas")).filter((name) => name.endsWith(".tar"));
    assert.deepEqual(left, []);
    assert.equal(
      (await list()).some((backup) => backup.slug === slug),
      false,
    );
  });

  test("are not made while another one is at work or the home is held", async () => {
    const busy = (method: string) => [
      400,
      `'BackupManager.${method}' blocked from execution, system is not running - freeze`,
    ];
    const slug = await slugOf("Full");
    assert.equal((await server.call("POST", "/backups/freeze", { timeout: 60 })).status, 200);
    assert.deepEqual(await refusal("POST", "/backups/freeze"), busy("freeze_all"));
    assert.deepEqual(await refusal("POST", "/backups/new/full"), busy("do_backup_full"));
    assert.deepEqual(
      await refusal("POST", "/backups/new/partial", { folders: ["ssl"] }),
      busy("do_backup_partial"),
    );
    assert.deepEqual(
      await refusal("POST", `/backups/${slug}/restore/full`),
      busy("do_restore_full"),
    );
    assert.equal((await server.call("GET", "/info")).data["state"], "freeze");
    assert.equal((await server.call("POST", "/backups/thaw")).status, 200);
    assert.equal((await server.call("GET", "/info")).data["state"], "running");
    assert.deepEqual(await refusal("POST", "/backups/thaw"), [
      400,
      "'BackupManager.thaw_all' blocked from execution, system is not frozen - running",
    ]);
  });

  test("in the making cannot be thawed", async () => {
    home.backups.state = async () => "freeze";
    assert.deepEqual(await refusal("POST", "/backups/thaw"), [
      400,
      "Freeze was not initiated by freeze API, cannot thaw this way",
    ]);
    Reflect.deleteProperty(home.backups, "state");
  });

  test("that fail are answered with the job that tells why", async () => {
    const {
      status,
      message,
      job_id: job,
    } = await failing(() => server.call("POST", "/backups/new/partial", { folders: ["ssl"] }));
    assert.equal(status, 400);
    assert.equal(
      message,
      `An error occurred while making backup, check job '${job}' or supervisor logs for details`,
    );
  });

  test("keep the days after which they count as stale", async () => {
    assert.equal(
      (await server.call("POST", "/backups/options", { days_until_stale: 7 })).status,
      200,
    );
    assert.equal((await server.call("GET", "/backups/info")).data["days_until_stale"], 7);
    assert.equal((await server.call("POST", "/backups/reload")).status, 200);
  });
});

/** Lets the next backup end with a failure after it has begun. */
async function failing<T>(work: () => Promise<T>): Promise<T> {
  const error = new SafehouseError("no-space", "There is no room");
  home.backups.create = async () => ({
    id: "0123456789abcdef0123456789abcdef",
    slug: "7fed74c8",
    ended: Promise.resolve(error),
  });
  try {
    return await work();
  } finally {
    Reflect.deleteProperty(home.backups, "create");
  }
}
