import { strict as assert } from "node:assert";
import { after, before, describe, test } from "node:test";
import { SafehouseError } from "#core/model/problem.ts";
import { KeptMounts } from "#test/supervisor/kept-mounts.ts";
import { ProductHome } from "#test/supervisor/product-home.ts";
import {
  serveSupervisor,
  tokens,
  type SupervisorServer,
} from "#test/supervisor/serve-supervisor.ts";

let home: ProductHome;
/** Mounts that every server of theirs answers for, as long as it is not called dead. */
const mounts = new KeptMounts();
let server: SupervisorServer;

before(async () => {
  home = await ProductHome.open();
  const { backups, jobs, info } = home;
  server = await serveSupervisor({ backups, jobs, info, mounts });
});

after(async () => {
  await server[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

async function refusal(method: string, path: string, body?: unknown) {
  const { status, message } = await server.call(method, path, body);
  return [status, message];
}

const nas = {
  name: "nas",
  type: "cifs",
  usage: "backup",
  server: "10.0.0.2",
  share: "backups",
  username: "homeassistant",
  password: "secret of the share",
  port: 1445,
};

describe("mounts", () => {
  test("for backups are listed, the first one as the default, and tell no secret", async () => {
    assert.deepEqual((await server.call("POST", "/mounts", nas)).data, {});
    const { data } = await server.call("GET", "/mounts");
    assert.deepEqual(data, {
      default_backup_mount: "nas",
      mounts: [
        {
          name: "nas",
          type: "cifs",
          usage: "backup",
          server: "10.0.0.2",
          port: 1445,
          share: "backups",
          version: null,
          read_only: false,
          state: "active",
          user_path: null,
        },
      ],
    });
  });

  test("are named once", async () => {
    assert.deepEqual(await refusal("POST", "/mounts", nas), [
      400,
      "A mount already exists with name nas",
    ]);
  });

  test("whose server does not answer are not kept", async () => {
    const dead = { ...nas, name: "dead", server: "dead.local" };
    assert.deepEqual(await refusal("POST", "/mounts", dead), [
      400,
      "Could not mount dead due to: dead.local does not answer. Check that it is switched on",
    ]);
    assert.equal(mounts.wishes.has("dead"), false);
  });

  test("for media and shares are not supported", async () => {
    for (const usage of ["media", "share"])
      assert.deepEqual(await refusal("POST", "/mounts", { ...nas, name: "films", usage }), [
        400,
        "'MountManager.create_mount' blocked from execution, mounting not supported on system",
      ]);
  });

  test("are replaced whole, under their own name", async () => {
    const { name: _, password: __, username: ___, ...guest } = nas;
    assert.equal(
      (await server.call("PUT", "/mounts/nas", { ...guest, share: "other" })).status,
      200,
    );
    const wish = mounts.wishes.get("nas");
    assert.ok(wish?.type === "cifs");
    assert.deepEqual([wish.share, wish.login], ["other", undefined]);
    assert.equal(
      (await server.call("PUT", "/mounts/nas", { ...nas, name: "renamed" })).status,
      400,
    );
  });

  test("take new backups or leave them to the local location", async () => {
    const choose = (name: string | null) =>
      server.call("POST", "/mounts/options", { default_backup_mount: name });
    assert.equal((await choose(null)).status, 200);
    assert.equal((await server.call("GET", "/mounts")).data["default_backup_mount"], null);
    assert.equal((await choose("nas")).status, 200);
    assert.equal((await choose("attic")).message, "No mount exists with name attic");
    assert.equal((await server.call("GET", "/mounts")).data["default_backup_mount"], "nas");
  });

  test("are tried again, and removed", async () => {
    assert.equal((await server.call("POST", "/mounts/nas/reload")).status, 200);
    assert.equal((await server.call("DELETE", "/mounts/nas")).status, 200);
    assert.deepEqual((await server.call("GET", "/mounts")).data, {
      default_backup_mount: null,
      mounts: [],
    });
    for (const [method, path] of [
      ["DELETE", "/mounts/nas"],
      ["PUT", "/mounts/nas"],
      ["POST", "/mounts/nas/reload"],
    ] as const)
      assert.deepEqual(await refusal(method, path), [404, "No mount exists with name nas"]);
  });
});

describe("jobs", () => {
  test("are listed, asked for one by one and forgotten", async () => {
    const made = await server.call("POST", "/backups/new/partial", {
      folders: ["ssl"],
      addons: ["core_mosquitto"],
    });
    const id = String(made.data["job_id"]);
    const { data } = await server.call("GET", "/jobs/info");
    assert.deepEqual(data["ignore_conditions"], []);
    const [job] = data["jobs"] as Record<string, unknown>[];
    assert.equal(job?.["uuid"], id);
    assert.equal(job["name"], "backup_manager_partial_backup");
    assert.equal(job["reference"], made.data["slug"]);
    assert.equal(job["done"], true);
    const [child] = job["child_jobs"] as Record<string, unknown>[];
    assert.equal(child?.["name"], "backup_store_addons");
    const alone = await server.call("GET", `/jobs/${String(child["uuid"])}`);
    assert.deepEqual(alone.data, child);

    assert.equal((await server.call("DELETE", `/jobs/${id}`)).status, 200);
    const unknown = [404, "Job does not exist"];
    assert.deepEqual(await refusal("GET", `/jobs/${id}`), unknown);
    assert.deepEqual(await refusal("DELETE", `/jobs/${id}`), unknown);
  });

  test("that go on are not forgotten", async () => {
    const work = {
      work: "restore",
      id: "0".repeat(32),
      slug: "7fed74c8",
      created: new Date().toISOString(),
      state: "running",
      full: true,
      parts: [],
      error: undefined,
    } as const;
    home.jobs.list = async () => [work];
    assert.deepEqual(await refusal("DELETE", `/jobs/${work.id}`), [
      400,
      `Job ${work.id} is not done!`,
    ]);
    Reflect.deleteProperty(home.jobs, "list");
  });

  test("keep conditions that somebody wants ignored, until a reset", async () => {
    const wanted = ["free_space", "healthy"];
    await server.call("POST", "/jobs/options", { ignore_conditions: wanted });
    assert.deepEqual((await server.call("GET", "/jobs/info")).data["ignore_conditions"], wanted);
    assert.equal(
      (await server.call("POST", "/jobs/options", { ignore_conditions: ["weather"] })).status,
      400,
    );
    await server.call("POST", "/jobs/reset");
    assert.deepEqual((await server.call("GET", "/jobs/info")).data["ignore_conditions"], []);
  });
});

describe("clients that ask who is there", () => {
  test("hear of the home and its add-ons", async () => {
    const { data } = await server.call("GET", "/info");
    assert.equal(data["homeassistant"], "2026.8.1");
    assert.equal(data["state"], "running");
    assert.ok(["amd64", "aarch64"].includes(String(data["arch"])));
    const addons = (await server.call("GET", "/addons")).data["addons"] as { slug: string }[];
    assert.deepEqual(
      addons.map(({ slug }) => slug),
      ["core_mosquitto", "local_own"],
    );
    const one = await server.call("GET", "/addons/core_mosquitto/info");
    assert.equal(one.data["slug"], "core_mosquitto");
    assert.equal((await server.call("GET", "/addons/core_ssh/info")).status, 404);
    assert.equal((await server.call("GET", "/v2/apps/core_mosquitto/info")).status, 200);
    assert.equal((await server.ask("/v2/addons")).status, 404);
  });

  test("get an answer to all that the command line shows at start", async () => {
    for (const path of ["core", "host", "network", "resolution", "os", "supervisor"])
      assert.equal((await server.call("GET", `/${path}/info`)).result, "ok", path);
    const first = (await server.call("GET", "/supervisor/info")).data;
    const second = (await server.call("GET", "/v2/supervisor/info")).data;
    assert.equal("addons" in first && !("addons" in second), true);
  });
});

describe("callers", () => {
  const ask = async (path: string, headers: Record<string, string>, method = "GET") =>
    (await fetch(server.url + path, { headers, method })).status;

  test("are let in with a token in any of the three headers, the first of them first", async () => {
    for (const header of ["X-Supervisor-Token", "X-Hassio-Key", "Authorization"]) {
      const token = header === "Authorization" ? `Bearer ${tokens.read}` : tokens.read;
      assert.equal(await ask("/backups", { [header]: token }), 200, header);
    }
    assert.equal(await ask("/backups", {}), 401);
    assert.equal(await ask("/backups", { "X-Hassio-Key": "wrong" }), 403);
  });

  test("hear why they are not let in", async () => {
    const response = await fetch(`${server.url}/backups`);
    assert.equal(response.headers.get("WWW-Authenticate"), "Bearer");
    assert.deepEqual(await response.json(), { result: "error", message: "You are not signed in" });
  });

  test("are told of a place that refuses us, not of themselves", async () => {
    const refused = new SafehouseError("denied", "/mnt/nas lets nobody write");
    home.backups.reload = () => Promise.reject(refused);
    const { status, message } = await server.call("POST", "/backups/reload");
    Reflect.deleteProperty(home.backups, "reload");
    assert.deepEqual([status, message], [400, "/mnt/nas lets nobody write"]);
  });

  test("may ping without a token, but not in the second version", async () => {
    assert.equal(await ask("/supervisor/ping", {}), 200);
    assert.equal(await ask("/v2/supervisor/ping", {}), 401);
  });

  test("who may only read change nothing, and get no archive", async () => {
    const reader = { Authorization: `Bearer ${tokens.read}` };
    const forbidden: readonly (readonly [string, string])[] = [
      ["POST", "/backups/options"],
      ["POST", "/backups/reload"],
      ["POST", "/backups/new/full"],
      ["POST", "/backups/new/partial"],
      ["POST", "/backups/new/upload"],
      ["POST", "/backups/freeze"],
      ["POST", "/backups/thaw"],
      ["GET", "/backups/7fed74c8/download"],
      ["DELETE", "/backups/7fed74c8"],
      ["POST", "/backups/7fed74c8/restore/full"],
      ["POST", "/backups/7fed74c8/restore/partial"],
      ["POST", "/mounts"],
      ["POST", "/mounts/options"],
      ["PUT", "/mounts/nas"],
      ["DELETE", "/mounts/nas"],
      ["POST", "/mounts/nas/reload"],
      ["POST", "/jobs/options"],
      ["POST", "/jobs/reset"],
      ["DELETE", "/jobs/0"],
    ];
    for (const [method, path] of forbidden)
      assert.equal(await ask(path, reader, method), 403, `${method} ${path}`);
  });

  test("learn nothing of a fault but that there was one", async () => {
    const fault = new TypeError("the password is hunter2");
    home.info.describe = () => Promise.reject(fault);
    const { status, error_key: key, message } = await server.call("GET", "/core/info");
    assert.deepEqual([status, key], [500, "backup_restore_unknown_error"]);
    assert.doesNotMatch(message ?? "", /hunter2/);
    assert.deepEqual(server.faults, [fault]);
  });
});
