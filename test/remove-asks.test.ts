import assert from "node:assert/strict";
import { copyFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { LocalServices } from "../src/app/local-services.ts";
import type { Console } from "../src/cli/console.ts";
import { runProgram } from "../src/cli/program.ts";

/** A home with two locations, and a terminal at which a person gives one answer to everything. */
async function makeSafehouse(context: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), "safehouse-remove-"));
  context.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "home/ssl"), { recursive: true });
  await writeFile(join(folder, "home/ssl/key.pem"), "no key");
  const asked: string[] = [];
  const run = async (args: readonly string[], answer = "") => {
    let out = "";
    const ask = async (question: string): Promise<string> => {
      asked.push(question);
      return answer;
    };
    const terminal: Console = {
      out: async (text) => void (out += text.toString()),
      flush: async () => {},
      err: () => {},
      outIsTerminal: true,
      errIsTerminal: false,
      inIsTerminal: true,
      columns: 80,
      env: { SAFEHOUSE_DATA: join(folder, "data"), SAFEHOUSE_HOME: join(folder, "home") },
      askSecret: ask,
      ask,
      readTextFile: (path) => readFile(path, "utf8"),
      signal: new AbortController().signal,
      now: () => Date.now(),
    };
    await using services = new LocalServices(terminal);
    return { code: await runProgram(args, terminal, services), out };
  };
  return { folder, asked, run };
}

test("whoever removes a backup is told of all places that it goes from, and may keep it", async (context) => {
  const { folder, asked, run } = await makeSafehouse(context);
  const nas = join(folder, "nas");
  const own = join(folder, "data/backup");
  assert.equal((await run(["locations", "add", "nas", "--path", nas])).code, 0);
  const { out } = await run(["backups", "new", "--no-encryption", "--json"]);
  const { slug, fileName } = JSON.parse(out) as { slug: string; fileName: string };
  await copyFile(join(own, fileName), join(nas, fileName));
  await run(["backups", "pin", slug, "--location", "nas"]);

  assert.equal((await run(["backups", "remove", slug], "n")).code, 130);
  const [question = ""] = asked;
  assert.ok(question.includes(`${fileName} at backup\n`));
  assert.ok(question.includes(`${fileName} at nas, where it is pinned\n`));
  assert.ok((await readdir(own)).includes(fileName) && (await readdir(nas)).includes(fileName));

  assert.equal((await run(["backups", "remove", slug], "y")).code, 0);
  assert.ok(!(await readdir(own)).includes(fileName) && !(await readdir(nas)).includes(fileName));
});

test("a key is not forgotten while a backup at any location needs it", async (context) => {
  const { folder, run } = await makeSafehouse(context);
  await run(["locations", "add", "nas", "--path", join(folder, "nas")]);
  const { id } = JSON.parse((await run(["keys", "new", "--json"])).out) as { id: string };
  await run(["backups", "new", "--location", "nas"]);
  await run(["keys", "rotate"]);
  assert.equal((await run(["keys", "remove", id, "--yes"])).code, 43);
  await run(["backups", "remove", "--yes", await slugIn(run)]);
  assert.equal((await run(["keys", "remove", id, "--yes"])).code, 0);
});

async function slugIn(
  run: (args: readonly string[]) => Promise<{ readonly out: string }>,
): Promise<string> {
  const { out } = await run(["backups", "list", "--json"]);
  const { backups } = JSON.parse(out) as { backups: readonly { readonly slug: string }[] };
  return backups[0]?.slug ?? assert.fail("there is no backup");
}
