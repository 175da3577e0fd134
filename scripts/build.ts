/**
 * `npm run build`: bundles the program into `dist`, so that it starts fast and needs no `node_modules`.
 * The main program and every `…-worker.ts` become files side by side, as do the WebAssembly modules;
 * that is where `new URL("./x-worker" + extname(import.meta.url), import.meta.url)` finds them.
 * So do the files of the page.
 */
import { build, type Metafile } from "esbuild";
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

/** What packages that are still CommonJS expect: `require` of Node's modules, and a folder to look for their own in. */
const namesForCommonJs =
  'import { createRequire } from "node:module"; const require = createRequire(import.meta.url); ' +
  "const __dirname = import.meta.dirname;";

/**
 * Packages that name their licence without bringing its text, and the file that holds it: of the same
 * authors, under the same licence.
 */
const elsewhere: Readonly<Record<string, string>> = {
  "node_modules/@aws-sdk/credential-provider-http": "node_modules/@aws-sdk/client-s3/LICENSE",
  "node_modules/@aws-sdk/credential-provider-login": "node_modules/@aws-sdk/client-s3/LICENSE",
  "node_modules/@aws-sdk/nested-clients": "node_modules/@aws-sdk/client-s3/LICENSE",
  "node_modules/@tus/utils": "node_modules/@tus/server/LICENSE",
};

process.chdir(root);
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
const { metafile } = await build({
  entryPoints: entryPoints(),
  outdir: dist,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node26",
  banner: { js: namesForCommonJs },
  // What ssh2 tries to load and does without: native code that is built where there is a compiler.
  external: ["cpu-features", "*.node"],
  chunkNames: "[name]-[hash]",
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});
for (const file of globSync("src/**/*.{wasm,html,css,js}"))
  copyFileSync(file, join(dist, basename(file)));
writeFileSync(join(dist, "THIRD-PARTY.txt"), licencesOf(metafile));
report(metafile);

function entryPoints(): Record<string, string> {
  const entries: Record<string, string> = { safehouse: "src/app/main.ts" };
  for (const file of globSync("src/**/*-worker.ts")) {
    const name = basename(file, ".ts");
    if (entries[name] !== undefined) throw new Error(`Two workers are called ${name}`);
    entries[name] = file;
  }
  return entries;
}

/** The licences of all packages that are now part of the program. */
function licencesOf({ inputs }: Metafile): string {
  const packages = Object.keys(inputs).map(
    (file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0],
  );
  const folders = [...new Set(packages)].filter((folder) => folder !== undefined).sort();
  return folders.map((folder) => `${folder}\n\n${licenceIn(folder)}\n`).join("\n");
}

function licenceIn(folder: string): string {
  const other = elsewhere[folder];
  if (other !== undefined) return readFileSync(other, "utf8");
  const [file] = globSync(`${folder}/{LICENSE,LICENCE,license,COPYING}*`);
  if (file === undefined || !existsSync(file)) throw new Error(`${folder} brings no licence text`);
  return readFileSync(file, "utf8");
}

function report({ outputs }: Metafile): void {
  for (const [file, { bytes }] of Object.entries(outputs)) {
    console.log(`${file}  ${Math.ceil(bytes / 1024)} KiB`);
  }
}
