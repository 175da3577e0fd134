import { chown, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before } from "node:test";
import type { TestContext } from "node:test";
import { RsyncStorage } from "#storage/rsync/provider.ts";
import { parseRsyncSettings } from "#storage/rsync/settings.ts";
import { noRsync, startRsyncd, type Rsyncd } from "./rsyncd.ts";
import { noSshd, startSshd, type Sshd } from "./sshd.ts";

/** A folder of its own at a server. */
export interface RsyncPlace {
  readonly path: string;
  readonly settings: Readonly<Record<string, string | number>>;
  readonly storage: RsyncStorage;
}

type More = Readonly<Record<string, string | number>>;

export function openRsync(settings: object): RsyncStorage {
  return new RsyncStorage(parseRsyncSettings(settings));
}

/** A daemon for one test file, with places in its module `data`. */
export function daemonPlaces() {
  let server: Rsyncd | undefined;
  const spool = oneSpool();
  before(async () => void (server = noRsync === false ? await startRsyncd() : undefined));
  after(() => server?.[Symbol.asyncDispose]());
  const rsyncd = (): Rsyncd => present(server);
  return {
    skip: noRsync,
    rsyncd,
    spool,
    makePlace: async (context: TestContext, more: More = {}): Promise<RsyncPlace> => {
      const path = await makeFolder(context, rsyncd().folder);
      const place = { module: "data", path: basename(path) };
      const settings = { host, port: rsyncd().port, ...place, spool: spool(), ...more };
      return { path, settings, storage: openRsync(settings) };
    },
  };
}

/** An SSH server for one test file. */
export function sshPlaces() {
  const skip = noRsync === false ? noSshd : noRsync;
  let server: Sshd | undefined;
  const spool = oneSpool();
  before(async () => void (server = skip === false ? await startSshd() : undefined));
  after(() => server?.[Symbol.asyncDispose]());
  const sshd = (): Sshd => present(server);
  return {
    skip,
    sshd,
    spool,
    makePlace: async (context: TestContext, more: More = {}): Promise<RsyncPlace> => {
      const { port, user, privateKey, hostKeys, folder } = sshd();
      const path = await makeFolder(context, folder);
      const signIn = { user, privateKey, hostKey: hostKeys.ed25519 };
      const settings = { host, port, ...signIn, path, spool: spool(), ...more };
      return { path, settings, storage: openRsync(settings) };
    },
  };
}

const host = "127.0.0.1";

/** Where objects pass through, for all tests of a file. */
function oneSpool(): () => string {
  let path: string | undefined;
  before(async () => void (path = await mkdtemp(join(tmpdir(), "safe 'house' % "))));
  after(() => rm(present(path), { recursive: true, force: true }));
  return () => present(path);
}

async function makeFolder(context: TestContext, parent: string): Promise<string> {
  const path = await mkdtemp(join(parent, "place ü $1 'x' "));
  const { uid, gid } = await stat(parent);
  await chown(path, uid, gid);
  context.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("It is not started");
  return value;
}
