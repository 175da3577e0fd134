import { backupKeys, prepareEncryption } from "#keys/backup-keys.ts";
import { encryptWhole } from "./secure-tar.ts";
import { gzipOf, tarOf, type HostileEntry } from "./hostile-tar.ts";

export const hostileSlug = "bad0bad0";
export const hostilePassword = "never trust a stranger";

/** A `backup.json` that official software would take, with anything in it replaced. */
export function backupJson(
  changes: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return {
    version: 2,
    slug: hostileSlug,
    name: "Hostile",
    date: "2026-01-02T03:04:05.000000+00:00",
    type: "partial",
    supervisor_version: "2026.08.0",
    compressed: true,
    protected: false,
    homeassistant: { version: "2026.1.0", size: 0, exclude_database: false },
    folders: [],
    addons: [],
    repositories: [],
    extra: {},
    ...changes,
  };
}

export interface HostileBackup {
  /** Inner archives by member: entries are made into a gzipped tar, bytes are taken as they are. */
  readonly inner?: Readonly<Record<string, readonly (HostileEntry | Buffer)[] | Buffer>>;
  readonly json?: Readonly<Record<string, unknown>> | Buffer;
  /** Members besides. */
  readonly others?: readonly (HostileEntry | Buffer)[];
  readonly encrypted?: 2 | 3;
}

/** A whole backup. */
export async function backupOf({
  inner = {},
  json = {},
  others = [],
  encrypted,
}: HostileBackup): Promise<Buffer> {
  const members: (HostileEntry | Buffer)[] = [];
  for (const [name, what] of Object.entries(inner)) {
    const plain = Buffer.isBuffer(what) ? what : gzipOf(tarOf(what));
    members.push({
      name,
      content: encrypted === undefined ? plain : await encrypt(plain, encrypted),
    });
  }
  const content = Buffer.isBuffer(json)
    ? json
    : JSON.stringify(backupJson({ protected: encrypted !== undefined, ...json }));
  return tarOf([...members, ...others, { name: "./backup.json", content }]);
}

/** A backup whose config folder holds these entries besides a file that is fine. */
export function configBackup(
  entries: readonly (HostileEntry | Buffer)[],
  more: HostileBackup = {},
): Promise<Buffer> {
  return backupOf({
    inner: { "homeassistant.tar.gz": [...goodConfig, ...entries, lastFile] },
    ...more,
  });
}

/** Comes before whatever is hostile. */
export const goodConfig: readonly HostileEntry[] = [
  { name: "data", type: "5", mode: 0o755 },
  { name: "data/configuration.yaml", content: "default_config:\n" },
];

/** Comes behind it. */
export const lastFile: HostileEntry = { name: "data/last.txt", content: "the last file" };

/** Encrypts an inner archive with `hostilePassword`. */
export async function encrypt(plain: Uint8Array, version: 2 | 3): Promise<Buffer> {
  const context = await prepareEncryption(version, backupKeys(hostilePassword));
  return Buffer.from(encryptWhole(context, plain).archive);
}
