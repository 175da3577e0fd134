import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { LocalServices } from "../src/app/local-services.ts";
import type { Console } from "../src/cli/console.ts";
import { runProgram } from "../src/cli/program.ts";

/** A terminal at which a person answers questions. */
function terminalFor(dataDir: string, answer: (question: string) => string) {
  const said = { out: "", err: "", asked: [] as string[] };
  const ask = async (question: string): Promise<string> => {
    said.asked.push(question);
    return answer(question);
  };
  const terminal: Console = {
    out: async (text) => void (said.out += text.toString()),
    flush: async () => {},
    err: (text) => void (said.err += text),
    outIsTerminal: true,
    errIsTerminal: true,
    inIsTerminal: true,
    columns: 80,
    env: { SAFEHOUSE_DATA: dataDir, SAFEHOUSE_LOCATION: dataDir },
    askSecret: ask,
    ask,
    readTextFile: (path) => readFile(path, "utf8"),
    signal: new AbortController().signal,
    now: () => Date.now(),
  };
  return { terminal, said };
}

async function makeSafehouse(context: TestContext) {
  const dataDir = await mkdtemp(join(tmpdir(), "safehouse-proof-"));
  context.after(() => rm(dataDir, { recursive: true }));
  return async (args: readonly string[], answer: (question: string) => string = () => "") => {
    const { terminal, said } = terminalFor(dataDir, answer);
    await using services = new LocalServices(terminal);
    return { code: await runProgram(args, terminal, services), ...said };
  };
}

test("whoever types two groups off the kit has shown it, in small letters too", async (context) => {
  const safehouse = await makeSafehouse(context);
  const { id } = JSON.parse((await safehouse(["keys", "new", "--json"])).out) as { id: string };
  const groups = (await safehouse(["keys", "show", id])).out.trim().split("-");
  const groupIn = (question: string): string =>
    groups[Number(/^Group (\d) of 7/.exec(question)?.[1]) - 1] ?? "";
  const wrong = await safehouse(["keys", "prove", id], () => "0000");
  assert.equal(wrong.code, 20);
  assert.equal(wrong.asked.length, 2);
  assert.match(wrong.err, /Group \d of 7 and Group \d of 7 is not what/);
  assert.match((await safehouse(["keys", "list"])).err, /Nobody has shown yet/);
  const [first = ""] = groups;
  const swapped = await safehouse(["keys", "prove", id], (question) =>
    groupIn(question) === first ? "0000" : first,
  );
  assert.equal(swapped.code, 20);
  const right = await safehouse(["keys", "prove", id], (question) =>
    groupIn(question).toLowerCase(),
  );
  assert.equal(right.code, 0, right.err);
  assert.doesNotMatch(right.out + right.err, new RegExp(groups.join("|")));
  assert.equal((await safehouse(["keys", "list"])).err, "");
});

test("a password of another shape is shown by typing all of it", async (context) => {
  const safehouse = await makeSafehouse(context);
  const imported = await safehouse(["keys", "import", "--json"], () => "old password");
  assert.equal(imported.asked.length, 1);
  const { id } = JSON.parse(imported.out) as { id: string };
  const right = await safehouse(["keys", "prove", id], () => "old password");
  assert.match(right.asked.join(), /^The whole key of key/);
  assert.equal(right.code, 0, right.err);
});

test("on a terminal a key is forgotten only after a yes", async (context) => {
  const safehouse = await makeSafehouse(context);
  const { id } = JSON.parse((await safehouse(["keys", "new", "--json"])).out) as { id: string };
  assert.equal((await safehouse(["keys", "remove", id], () => "n")).code, 130);
  assert.match((await safehouse(["keys", "list"])).out, new RegExp(id));
  const removed = await safehouse(["keys", "remove", id], () => "y");
  assert.equal(removed.code, 0, removed.err);
  assert.match(removed.out, /NOT encrypted until there is a key again/);
});
