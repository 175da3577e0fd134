import { Hono, type Context } from "hono";
import { mayDo } from "#access/may-do.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { knownChecksum } from "#jobs/backup/archive-checksum.ts";
import type { HomeContext } from "#operations/home-context.ts";
import type { AccessEnv } from "../access/access-env.ts";
import type { ApiTools } from "../api-tools.ts";
import { archiveEtag } from "../downloads/archive-etag.ts";
import { downloadRequestOf } from "../downloads/download-request.ts";
import { sourceAnswer } from "../downloads/source-answer.ts";
import { archivesAtDefault, archivesIn, type ArchiveAt } from "./archive-at.ts";
import { davGuard, type DavGuardOptions } from "./dav-guard.ts";
import { davOptions, notAllowed } from "./dav-methods.ts";
import { davPath } from "./dav-path.ts";
import type { DavQuota, DavResource } from "./dav-resource.ts";
import { folderAnswer } from "./folder-answer.ts";
import { freeBytesAt } from "./free-bytes-at.ts";
import { multistatus } from "./multistatus.ts";
import { readPropfind } from "./propfind.ts";

/** Where the folder of backups is. */
const prefix = "/dav/backups";
const methods = ["OPTIONS", "PROPFIND", "GET", "HEAD"];

export interface BackupsDavOptions extends DavGuardOptions {
  readonly homeFor: ApiTools["homeFor"];
}

/**
 * The archives of the default location as a folder that can only be read. It is flat and of one location, because who
 * opens "backups" wants to see backups, and a file explorer asks for everything in a folder whenever it shows it: it must
 * not wake places elsewhere.
 */
export function backupsDavRoutes({ homeFor, ...guard }: BackupsDavOptions): Hono<AccessEnv> {
  const app = new Hono<AccessEnv>();
  app.use(davGuard("read", guard));
  app.all("*", async (context) => {
    const { req } = context;
    const { method } = req.raw;
    if (method === "OPTIONS") return davOptions(methods);
    const home = homeFor(req.raw.signal);
    if (method === "PROPFIND") return propfind(context, home);
    if (method === "GET" || method === "HEAD") return archive(context, home);
    throw notAllowed(methods, "The backups can only be read here");
  });
  return app;
}

async function propfind({ req }: Context<AccessEnv>, home: HomeContext): Promise<Response> {
  const path = pathOf(req.url);
  const asked = await readPropfind(req.raw);
  if (asked instanceof Response) return asked;
  const archives = await archivesAtDefault(home);
  const files = archives.map(toResource);
  if (path.length === 0) {
    const root = folderOf(archives, asked.wantsQuota ? await quotaOf(archives, home) : undefined);
    return multistatus(prefix, asked.withChildren ? [root, ...files] : [root], asked.wish);
  }
  const file = files.find(({ path: [name] }) => path.length === 1 && name === path[0]);
  if (file === undefined) throw nothingThere(path);
  return multistatus(prefix, [file], asked.wish);
}

async function archive(context: Context<AccessEnv>, home: HomeContext): Promise<Response> {
  const path = pathOf(context.req.url);
  const [name] = path;
  if (name === undefined) return folderAnswer();
  if (path.length > 1) throw nothingThere(path);
  const { services, place, signal } = home;
  await using stack = new AsyncDisposableStack();
  const { location } = stack.use(await services.openLocation(place));
  const archives = archivesIn(location.id, await location.list(signal));
  const found = archives.find(({ object }) => object.key === name);
  if (found === undefined) throw nothingThere(path);
  refuseSecrets(context, found);
  const source = await location.openFound(found, signal);
  stack.defer(() => source.close());
  const sent = { ...found, checksum: knownChecksum(found)?.value };
  return sourceAnswer(source, sent, { request: downloadRequestOf(context), stack });
}

/** Whoever may only look sees no secrets: of what is not encrypted that there is such a file, and no more. */
function refuseSecrets({ var: { identity } }: Context<AccessEnv>, archived: ArchiveAt): void {
  if (archived.isEncrypted || mayDo(identity, { scope: "restore" }) === "yes") return;
  const { key } = archived.object;
  throw new SafehouseError(
    "denied",
    `${key} is not encrypted, so every secret of the home can be read in it; that takes a token of the scope restore`,
    {
      subject: key,
      advice:
        "Make one with: safehouse access tokens new NAME --scope restore; or encrypt your backups",
    },
  );
}

async function quotaOf(archives: readonly ArchiveAt[], home: HomeContext): Promise<DavQuota> {
  return { available: await freeBytesAt(home), used: bytesOf(archives) };
}

function folderOf(archives: readonly ArchiveAt[], quota: DavQuota | undefined): DavResource {
  const times = archives.map(({ object }) => object.modifiedAt);
  const modifiedAt = times.length === 0 ? undefined : Math.max(...times);
  return { path: [], isFolder: true, modifiedAt, quota };
}

function toResource({ object }: ArchiveAt): DavResource {
  const { key, size, modifiedAt } = object;
  const etag = archiveEtag(object);
  return { path: [key], isFolder: false, size, modifiedAt, etag, contentType: "application/x-tar" };
}

function bytesOf(archives: readonly ArchiveAt[]): number {
  return archives.reduce((sum, { object }) => sum + object.size, 0);
}

function pathOf(url: string): readonly string[] {
  const { pathname } = new URL(url);
  const path = davPath(pathname, prefix);
  if (path === undefined) throw nothingThere([pathname]);
  return path;
}

function nothingThere(path: readonly string[]): SafehouseError {
  const name = path.join("/");
  return new SafehouseError("not-found", `There is no ${name} among the backups`, {
    subject: name,
  });
}
