// Cases that need mounts of their own; each runs by itself below `unshare --mount`.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, statfsSync } from "node:fs";
import { undo } from "../undo.ts";
import {
  configPart,
  events,
  grow,
  never,
  pictureOf,
  share,
  task,
  TestHome,
} from "./home-fixture.ts";

const drop = { stopped: true, dropNewer: true };

function mount(...parameters: readonly string[]): void {
  execFileSync("mount", parameters);
}

function bind(from: string, to: string): void {
  mkdirSync(from, { recursive: true });
  mkdirSync(to, { recursive: true });
  mount("--bind", from, to);
}

const cases: Record<string, (home: TestHome) => Promise<void>> = {
  async rootIsMount(home) {
    bind(`${home.folder}/volume`, home.config);
    grow(home.config, { a: "a", "b/c": "c" });
    const was = pictureOf(home.config);
    const { ino } = lstatSync(home.config);
    await home.restore([
      [task(configPart), events({ path: "data", mode: 0o700 }, { path: "data/d", text: "d" })],
    ]);
    assert.deepEqual(readdirSync(`${home.folder}/volume`).toSorted(), [".safehouse", "d"]);
    assert.equal(lstatSync(home.config).ino, ino);
    await undo(home.home, drop, never);
    assert.deepEqual(pictureOf(home.config), was);
  },

  async twoBinds(home) {
    bind(`${home.folder}/volume/config`, home.config);
    bind(`${home.folder}/volume/share`, `${home.folder}/share`);
    grow(home.config, { a: "a" });
    grow(`${home.folder}/share`, { b: "b" });
    await home.restore([
      [task(configPart), events({ path: "data" }, { path: "data/x", text: "x" })],
      [task(share), events({ path: "." }, { path: "y", text: "y" })],
    ]);
    assert.deepEqual(readdirSync(home.config).toSorted(), [".safehouse", "x"]);
    await undo(home.home, drop, never);
    assert.deepEqual(
      [readdirSync(home.config), readdirSync(`${home.folder}/share`)],
      [["a"], ["b"]],
    );
  },

  async nestedMount(home) {
    grow(home.config, { a: "a", "www/local/x": "x", "www/y": "y" });
    bind(`${home.folder}/nas`, `${home.config}/www/my nas`);
    grow(`${home.folder}/nas`, { film: "film" });
    const was = pictureOf(home.config);
    {
      await using session = await home.open({ exact: true });
      const made = [{ path: "data/www/my nas" }, { path: "data/www/my nas/film", text: "other" }];
      const staged = await session.stage(
        task(configPart),
        events({ path: "data" }, ...made, { path: "data/www/z", text: "z" }),
        never,
      );
      assert.deepEqual(
        staged.notes.map(({ path, problem }) => `${problem} ${path}`),
        ["mount www/my nas"],
      );
      assert.deepEqual((await session.plan()).parts[0]?.carriedOver, ["www/my nas"]);
      await session.swap(() => undefined, never);
    }
    assert.equal(readFileSync(`${home.config}/www/my nas/film`, "utf8"), "film");
    assert.deepEqual(readdirSync(`${home.config}/www`).toSorted(), ["my nas", "z"]);
    await undo(home.home, drop, never);
    assert.deepEqual(pictureOf(home.config), was);
  },

  async stageElsewhere(home) {
    grow(home.config, { a: "a" });
    bind(`${home.folder}/other`, `${home.config}/.safehouse`);
    await assert.rejects(home.open({ parts: [configPart] }), {
      problem: "unsupported",
      message: /another mount/,
    });
    assert.deepEqual(readdirSync(`${home.folder}/other`), []);
  },

  async readOnly(home) {
    grow(home.config, { a: "a" });
    mount("--bind", home.config, home.config);
    mount("-o", "remount,ro,bind", home.config);
    await assert.rejects(home.open({ parts: [configPart] }), { problem: "read-only" });
    const session = await home.open();
    await assert.rejects(session.checkSpace([task(configPart)]), { problem: "read-only" });
    await session.stage(task(share), events({ path: "a", text: "a" }), never);
    await session.swap(() => undefined, never);
    await session[Symbol.asyncDispose]();
    assert.equal(readFileSync(`${home.folder}/share/a`, "utf8"), "a");
  },

  async tooLarge(home) {
    mkdirSync(home.config);
    mount("-t", "tmpfs", "-o", "size=8m", "none", home.config);
    await using session = await home.open();
    const needed = {
      problem: "no-space",
      facts: { neededBytes: 9_000_000, freeBytes: free(home.config) },
    };
    await assert.rejects(session.checkSpace([task(configPart, { bytes: 9_000_000 })]), needed);
    await session.checkSpace([
      task(configPart, { bytes: 7_000_000 }),
      task(share, { bytes: 9_000_000 }),
    ]);
  },

  async fillsUp(home) {
    mkdirSync(home.config);
    mount("-t", "tmpfs", "-o", "size=8m", "none", home.config);
    grow(home.config, { a: "a" });
    const was = pictureOf(home.config);
    await using session = await home.open();
    const text = Buffer.alloc(3 * 1024 * 1024);
    const many = ["a", "b", "c", "d"].map((name) => ({ path: `data/${name}`, text }));
    await assert.rejects(
      session.stage(task(configPart), events({ path: "data" }, ...many), never),
      { problem: "no-space" },
    );
    assert.deepEqual(pictureOf(home.config), was);
    assert.ok(!existsSync(`${home.config}/.safehouse`));
  },

  async mountedLater(home) {
    grow(home.config, { a: "a" });
    await home.restore([
      [task(configPart), events({ path: "data" }, { path: "data/b/c", text: "c" })],
    ]);
    bind(`${home.folder}/nas`, `${home.config}/b/nas`);
    await assert.rejects(undo(home.home, drop, never), { problem: "busy" });
    assert.equal(readFileSync(`${home.config}/b/c`, "utf8"), "c");
    execFileSync("umount", [`${home.config}/b/nas`]);
    await undo(home.home, drop, never);
    assert.deepEqual(readdirSync(home.config), ["a"]);
  },
};

function free(path: string): number {
  const { bavail, blocks, bsize } = statfsSync(path);
  return bavail * bsize - (blocks * bsize) / 100;
}

// Without this, mounts made here would show up outside.
execFileSync("mount", ["--make-rprivate", "/"]);
const home = new TestHome();
await cases[process.argv[2] ?? ""]?.(home);
