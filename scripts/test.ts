/**
 * `npm test`: the checks, then every test, of a fresh bundle. Arguments choose test files, folders or globs, and
 * `--name PATTERN` chooses tests; with any of them the checks are left out.
 *
 * A test may be skipped only for a feature that this machine lacks, and says so:
 * `skip: "absent: <feature>"`. Any other skip fails the run, and so does, with CI set, the absence of
 * official software where its registry answers.
 */
import { spawnSync } from "node:child_process";
import { globSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { run } from "node:test";
import { spec, type TestEvent } from "node:test/reporters";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const isLong = Number(process.env.SAFEHOUSE_TEST_LOOPS ?? 1) > 1;
const longestFileInMs = (isLong ? 60 : 8) * 60_000;
/** Where official software comes from, and the reasons for which it is absent although it could be had. */
const registries = [
  {
    name: "PyPI",
    reason: /^absent: (PyPI|python3|Python 3)/,
    url: "https://pypi.org/simple/securetar/",
  },
  {
    name: "the Go module proxy",
    reason: /^absent: the Go module proxy/,
    url: "https://proxy.golang.org/github.com/home-assistant/cli/@v/list",
  },
] as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { name: { type: "string" } },
});
process.chdir(root);
const everything = values.name === undefined && positionals.length === 0;
if (everything) {
  carryOut("scripts/check.ts");
  // Commands and servers are tried as users run them. For a few files the source does, where it has changed since.
  carryOut("scripts/build.ts", "ignore");
}
await test(positionals.length > 0 ? positionals : ["src", "test"], values.name);

function carryOut(script: string, output: "inherit" | "ignore" = "inherit"): void {
  const { status } = spawnSync(process.execPath, [script], {
    stdio: ["ignore", output, "inherit"],
  });
  if (status !== 0) process.exitCode = 1;
}

async function test(places: readonly string[], name: string | undefined): Promise<void> {
  const files = places.flatMap(testFiles).sort();
  if (files.length === 0) throw new Error(`No tests in ${places.join(", ")}`);
  process.env.NODE_COMPILE_CACHE ??= `${root}/.cache/compiled`;
  const events = run({
    files,
    // Some files wait most of the time: for the next minute, or for servers that come and go.
    concurrency: availableParallelism() + 2,
    timeout: longestFileInMs,
    ...(name === undefined ? {} : { testNamePatterns: [name] }),
  });
  const report = events.compose(withSkipsJudged).compose(spec);
  for await (const text of report) process.stdout.write(text as string);
}

function testFiles(place: string): string[] {
  const isFolder = statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
  return globSync(isFolder ? `${place}/**/*.test.ts` : place);
}

/** Passes the events on and puts what is wrong with the skips in front of the closing lines. */
async function* withSkipsJudged(events: AsyncIterable<TestEvent>): AsyncGenerator<TestEvent> {
  const skips: Skip[] = [];
  let closing = false;
  for await (const event of events) {
    if (event.type === "test:fail") process.exitCode = 1;
    if (event.type === "test:pass" && event.data.skip !== undefined) {
      skips.push({ test: event.data.name, reason: String(event.data.skip) });
    }
    if (!closing && opensClosingLines(event)) {
      closing = true;
      for (const message of await faultsOf(skips)) yield diagnostic(message);
    }
    yield event;
  }
}

function opensClosingLines(event: TestEvent): boolean {
  return event.type === "test:diagnostic" && /^tests \d+$/.test(event.data.message);
}

interface Skip {
  readonly test: string;
  readonly reason: string;
}

async function faultsOf(skips: readonly Skip[]): Promise<string[]> {
  const faults = skips
    .filter(({ reason }) => !reason.startsWith("absent: "))
    .map(({ test, reason }) => `skipped without naming what is absent: ${test} (${reason})`);
  for (const { name, reason, url } of process.env.CI === undefined ? [] : registries) {
    const peerSkips = skips.filter((skip) => reason.test(skip.reason));
    if (peerSkips.length > 0 && (await answers(name, url)))
      faults.push(
        `skipped although ${name} answers: ${peerSkips.map(({ test }) => test).join(", ")}`,
      );
  }
  if (faults.length > 0) process.exitCode = 1;
  return faults;
}

async function answers(name: string, url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) });
    if (!answer.ok) console.log(`${name} answers ${answer.status} for ${url}`);
    return answer.ok;
  } catch (error) {
    console.log(`${name} does not answer: ${String(error)}`);
    return false;
  }
}

function diagnostic(message: string): TestEvent {
  return { type: "test:diagnostic", data: { nesting: 0, message, level: "error" } };
}
