import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseSync, Visitor, type Expression } from "oxc-parser";

/** What the files of a folder may import besides each other. Kept in step with docs/architecture.md. */
interface Row {
  /** Folders or single files below `src`, or one of `wideGrants`. */
  readonly src: readonly string[];
  /** `pure`: modules that compute; nothing that reaches files, network or other programs. */
  readonly node: "none" | "pure" | "all";
  /** npm packages. `*` is any. */
  readonly packages: readonly string[];
}

const storageInterface = ["storage/provider.ts", "storage/errors.ts", "storage/diagnosis.ts"];
const storagePromises = [...storageInterface, "storage/contract"];
/** The storage's top as far as it does not know the providers. */
const storageTop = ["storage/*.ts", "storage/http"];

const table: Readonly<Record<string, Row>> = {
  core: { src: [], node: "none", packages: ["croner"] },
  format: { src: ["core"], node: "pure", packages: ["@noble/ciphers", "@noble/hashes"] },
  archive: { src: ["core", "format"], node: "pure", packages: [] },
  storage: { src: ["core"], node: "all", packages: [] },
  "storage/*": { src: ["core", ...storageTop], node: "all", packages: ["*"] },
  location: { src: ["core", "archive", ...storageInterface], node: "pure", packages: [] },
  installation: { src: ["core"], node: "all", packages: [] },
  keys: { src: ["core", "format"], node: "pure", packages: [] },
  jobs: {
    src: [
      "core",
      "archive",
      "location",
      "keys",
      "installation/installation.ts",
      ...storagePromises,
    ],
    node: "pure",
    packages: [],
  },
  // The catalogue keeps what the location's port speaks of.
  state: { src: ["core", "*/ports", "location/archive-facts.ts"], node: "all", packages: [] },
  homeassistant: { src: ["core", "jobs"], node: "all", packages: ["*"] },
  notify: { src: ["core", "jobs"], node: "all", packages: ["*"] },
  access: { src: ["core", "jobs"], node: "all", packages: [] },
  operations: { src: ["core", "jobs", "keys", "access"], node: "pure", packages: ["valibot"] },
  api: { src: ["core", "jobs", "keys", "access", "operations"], node: "all", packages: ["*"] },
  client: { src: ["core", "jobs", "access", "operations"], node: "all", packages: ["valibot"] },
  cli: {
    src: ["core", "jobs", "keys", "access", "operations", "client"],
    node: "all",
    packages: ["commander", "yaml"],
  },
  app: { src: ["*"], node: "all", packages: ["*"] },
};

/** Folders of `storage` that belong to its top and not to one provider. */
const sharedStorageFolders = ["catalog", "contract", "layers", "http"];

const wideGrants: Readonly<Record<string, RegExp>> = {
  "*": /^/,
  "*/ports": /^[^/]+\/([^/]+-port|ports)\.ts$/,
  "storage/*.ts": /^storage\/(?!catalog|stack)[^/]+\.ts$/,
};

/** Imports that the table would not grant, each for its reason. */
const exceptions: Readonly<Record<string, readonly string[]>> = {
  // Loads its own WebAssembly, which is code and not data.
  "format/gzip/wasm-engine.ts": ["node:fs/promises"],
};

const pureModules =
  /^node:(assert|async_hooks|buffer|crypto|diagnostics_channel|events|ffi|module|os|path|perf_hooks|process|stream|string_decoder|timers|url|util|worker_threads|zlib)(\/|$)/;

/** What test files may import on top of their folder's row. */
const testExtras = {
  // A kind of place is tried the way that the program comes to it.
  src: ["storage/memory", "storage/contract", "storage/catalog.ts", "storage/stack.ts"],
  // picomatch is what our own globs are compared with.
  packages: ["fast-check", "picomatch"],
};

test("every import follows the table", () => {
  const src = fileURLToPath(new URL("../src", import.meta.url));
  const files = globSync("**/*.ts", { cwd: src, exclude: ["**/*.as.ts"] });
  assert.ok(files.length > 0, "no source found");
  const violations = files.flatMap((file) =>
    violationsOf(file.replaceAll("\\", "/"), readFileSync(`${src}/${file}`, "utf8")),
  );
  assert.deepEqual(violations, []);
});

const planted: readonly { readonly what: string; readonly file: string; readonly code: string }[] =
  [
    { what: "a Node module in the core", file: "core/a.ts", code: `import "node:path";` },
    { what: "a Node module by its bare name", file: "format/a.ts", code: `import "fs";` },
    { what: "an unlisted package in the core", file: "core/a.ts", code: `import "commander";` },
    { what: "files in a format", file: "format/tar/a.ts", code: `import "node:fs/promises";` },
    { what: "a lower row", file: "core/a.ts", code: `import { x } from "#format/x.ts";` },
    { what: "a type", file: "core/a.ts", code: `import type { X } from "#jobs/x.ts";` },
    { what: "a type within a type", file: "core/a.ts", code: `type X = import("#jobs/x.ts").X;` },
    { what: "a re-export", file: "archive/a.ts", code: `export * from "#location/x.ts";` },
    { what: "a named re-export", file: "archive/a.ts", code: `export { x } from "../keys/x.ts";` },
    { what: "a dynamic import", file: "keys/a.ts", code: `await import("#archive/x.ts");` },
    { what: "an import that cannot be read", file: "cli/a.ts", code: `await import(name);` },
    {
      what: "a relative path out of the folder",
      file: "core/plan/a.ts",
      code: `import "../../cli/x.ts";`,
    },
    {
      what: "a worker of another folder",
      file: "archive/a.ts",
      code: `new URL("../cli/x-worker.ts", import.meta.url);`,
    },
    {
      what: "one provider in another",
      file: "storage/s3/a.ts",
      code: `import "#storage/smb/x.ts";`,
    },
    {
      what: "the catalogue of providers in one",
      file: "storage/s3/a.ts",
      code: `import "../catalog.ts";`,
    },
    {
      what: "a provider in the shared part",
      file: "storage/stack.ts",
      code: `import "./s3/x.ts";`,
    },
    {
      what: "a provider above the interface",
      file: "location/a.ts",
      code: `import "#storage/s3/x.ts";`,
    },
    {
      what: "more than an installation's interface",
      file: "jobs/a.ts",
      code: `import "#installation/folder/x.ts";`,
    },
    { what: "the app", file: "cli/a.ts", code: `import "#app/main.ts";` },
    { what: "test support in the product", file: "jobs/a.ts", code: `import "#test/x.ts";` },
    { what: "the test runner in the product", file: "jobs/a.ts", code: `import "node:test";` },
    { what: "a folder without a row", file: "utils/a.ts", code: `export {};` },
    { what: "a file outside of the folders", file: "a.ts", code: `export {};` },
    { what: "source that cannot be parsed", file: "core/a.ts", code: `import from ;` },
  ];

for (const { what, file, code } of planted) {
  test(`bites on ${what}`, () => assert.equal(violationsOf(file, code).length, 1));
}

const allowed: readonly (readonly [file: string, code: string])[] = [
  ["core/a.ts", `import type { X } from "./model/x.ts"; import { Cron } from "croner";`],
  ["core/a.test.ts", `import "node:test"; import "fast-check"; import "#test/x.ts";`],
  [
    "format/gzip/a.ts",
    `import "node:zlib"; import "#core/x.ts"; new URL("./x-worker.ts", import.meta.url);`,
  ],
  ["storage/catalog.ts", `import("./s3/provider.ts");`],
  ["storage/s3/a.ts", `import "#storage/provider.ts"; import "#storage/http/x.ts";`],
  ["location/a.test.ts", `import "#storage/memory/x.ts";`],
  ["storage/s3/b.ts", `import "../key.ts";`],
  ["state/a.ts", `import "#archive/ports.ts"; import "#location/catalogue-port.ts";`],
  ["app/a.ts", `import "#cli/x.ts"; import "node:fs";`],
];

for (const [file, code] of allowed) {
  test(`lets ${file} have what its row grants`, () =>
    assert.deepEqual(violationsOf(file, code), []));
}

/** One sentence for each import of `file` (a path below `src`) that its row does not grant. */
function violationsOf(file: string, code: string): string[] {
  const row = rowOf(file);
  if (row === undefined) return [`${file}: its folder has no row in the table`];
  const { program, errors } = parseSync(file, code);
  if (errors.length > 0) return [`${file}: ${errors[0]?.message ?? "cannot be parsed"}`];
  // A test may run a script or read a fixture from anywhere.
  const workers = file.endsWith(".test.ts") ? [] : workersOf(code);
  const imported = [...importsOf(program), ...workers];
  return imported
    .filter((specifier) => specifier === undefined || !mayImport(file, row, specifier))
    .map((specifier) => `${file}: ${specifier ?? "an import whose name is computed"}`);
}

function rowOf(file: string): Row | undefined {
  const [folder = "", below] = file.split("/");
  if (below === undefined) return undefined;
  return isProvider(file) ? table["storage/*"] : table[folder];
}

function isProvider(file: string): boolean {
  const [folder, name = "", ...rest] = file.split("/");
  return folder === "storage" && rest.length > 0 && !sharedStorageFolders.includes(name);
}

/** Everything that a program imports, by whatever syntax; undefined where the name is computed. */
function importsOf(
  program: Parameters<InstanceType<typeof Visitor>["visit"]>[0],
): (string | undefined)[] {
  const found: (string | undefined)[] = [];
  const add = (source: Expression | null): void => {
    if (source !== null) found.push(literalOf(source));
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => add(node.source),
    ImportExpression: (node) => add(node.source),
    TSImportType: (node) => add(node.source),
  }).visit(program);
  return found;
}

function literalOf(source: Expression): string | undefined {
  return source.type === "Literal" && typeof source.value === "string" ? source.value : undefined;
}

/** Worker files are loaded by address and are imports all the same. */
function workersOf(code: string): string[] {
  const addresses = code.matchAll(
    /new URL\(\s*["`](\.[^"`]*?)(?:\.ts|\$\{[^"`]*)["`],\s*import\.meta\.url/g,
  );
  return Array.from(addresses, (match) => match[1] ?? "");
}

function mayImport(file: string, row: Row, specifier: string): boolean {
  const isTest = file.endsWith(".test.ts");
  if (exceptions[file]?.includes(specifier) === true) return true;
  if (specifier.startsWith("#test/")) return isTest;
  if (/^[#.]/.test(specifier)) return mayImportSource(file, row, specifier);
  if (specifier.startsWith("node:")) return isTest || mayImportNode(row, specifier);
  const packages = isTest ? [...row.packages, ...testExtras.packages] : row.packages;
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  // A bare name of a Node module looks like a package and is one only where any will do.
  return packages.includes(name) || (packages.includes("*") && !isBareNodeModule(name));
}

function isBareNodeModule(name: string): boolean {
  return process.getBuiltinModule("node:module").builtinModules.includes(name);
}

function mayImportNode(row: Row, specifier: string): boolean {
  if (specifier.startsWith("node:test")) return false;
  return row.node === "all" || (row.node === "pure" && pureModules.test(specifier));
}

function mayImportSource(file: string, row: Row, specifier: string): boolean {
  const target = specifier.startsWith("#")
    ? specifier.slice(1)
    : posix.join(posix.dirname(file), specifier);
  if (unitOf(target) === unitOf(file)) return true;
  if (/^storage\/catalog(\.ts$|\/)/.test(file) && isProvider(target)) return true;
  if (target.startsWith("app/")) return false;
  const granted = file.endsWith(".test.ts") ? [...row.src, ...testExtras.src] : row.src;
  return granted.some((grant) => covers(grant, target));
}

/** Files of one unit import each other freely: a folder, or a single provider. */
function unitOf(file: string): string {
  return file.split("/", isProvider(file) ? 2 : 1).join("/");
}

function covers(grant: string, target: string): boolean {
  const wide = wideGrants[grant];
  if (wide !== undefined) return wide.test(target);
  return target === grant || target.startsWith(`${grant}/`);
}
