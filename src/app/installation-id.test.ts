import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openState } from "#state/open-state.ts";
import { Settings } from "#state/settings.ts";
import { installationId } from "./installation-id.ts";
import { onlyHome } from "./only-home.ts";

function settingsIn(context: TestContext): {
  readonly open: () => Settings;
  readonly path: string;
} {
  const dataDirectory = mkdtempSync(join(tmpdir(), "safehouse-id-"));
  context.after(() => rmSync(dataDirectory, { recursive: true }));
  const open = (): Settings => {
    const clock = { now: () => Date.now() };
    const state = openState({ dataDirectory, clock, notice: () => undefined });
    context.after(() => state[Symbol.dispose]());
    return new Settings(dataDirectory, state);
  };
  return { open, path: join(dataDirectory, "settings.json") };
}

test("an installation has one id for good, whoever asks first", async (context) => {
  const { open, path } = settingsIn(context);
  const [one, two] = [open(), open()];
  await one.change(onlyHome, { rules: ["*.mp4"] });
  const ids = await Promise.all([installationId(one), installationId(two), installationId(one)]);
  assert.equal(new Set(ids).size, 1);
  const written = statSync(path).mtimeMs;
  assert.equal(await installationId(open()), ids[0]);
  assert.equal(statSync(path).mtimeMs, written, "nothing is written again");
  assert.deepEqual((await one.read(onlyHome))["rules"], ["*.mp4"]);
});

test("an id that was spoilt is told of, not replaced", async (context) => {
  const settings = settingsIn(context).open();
  await settings.change(onlyHome, { installation: 7 });
  await assert.rejects(installationId(settings), { problem: "damaged" });
  assert.equal((await settings.read(onlyHome))["installation"], 7);
});
