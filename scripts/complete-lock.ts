/**
 * Adds stub entries to `package-lock.json` for platform packages that the registry in use does not
 * hold. Without them `npm ci` ends with "Missing: … from lock file", although npm would skip the
 * packages on every platform we support. Run it after each change of dependencies.
 */
import { readFileSync, writeFileSync } from "node:fs";

type LockEntry = {
  version?: string;
  optional?: boolean;
  dev?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
};

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8")) as { packages: Record<string, LockEntry> };
const systems = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
];
const processors = [
  "arm64",
  "arm",
  "ia32",
  "loong64",
  "mips64el",
  "ppc64",
  "riscv64",
  "s390x",
  "x64",
  "wasm32",
];

let added = 0;
for (const [place, owner] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(owner.optionalDependencies ?? {})) {
    const version = range.replace(/^[^0-9]*/, "");
    const nested = `${place}/node_modules/${name}`;
    const top = `node_modules/${name}`;
    const found = lock.packages[nested] ?? lock.packages[top];
    // Platform packages are named by an exact version; npm has seen to what is named by a range.
    const isExact = /^\d/.test(range);
    if (found !== undefined && (!isExact || found === lock.packages[nested])) continue;
    if (found?.version === version) continue;
    const key = lock.packages[top] === undefined ? top : nested;
    const words = name.split(/[^a-z0-9]+/);
    lock.packages[key] = {
      version,
      optional: true,
      ...(owner.dev === true ? { dev: true } : {}),
      os: [systems.find((system) => words.includes(system)) ?? "aix"],
      cpu: [processors.find((processor) => words.includes(processor)) ?? "ppc64"],
      ...(words.includes("musl") ? { libc: ["musl"] } : {}),
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)),
);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} stub entries added`);
