import { StorageError } from "../errors.ts";
import type { DavClient } from "./dav-client.ts";
import { pathOfEntry } from "./resource.ts";
import type { WebdavSettings } from "./settings.ts";

const marker = "remote.php";

/**
 * Nextcloud and ownCloud, known by the shape of their URLs: all of their WebDAV is behind `remote.php`, and nobody
 * else's is. `dav/files/<user id>/…` is the address of today, `webdav/…` that of old.
 */
export class Nextcloud {
  /** Names in front of `remote.php`. */
  readonly #root: readonly string[];
  readonly #client: DavClient;
  #userId: string | undefined;

  private constructor(client: DavClient, root: readonly string[], userId: string | undefined) {
    this.#client = client;
    this.#root = root;
    this.#userId = userId;
  }

  /** Undefined for the URL of anything else. */
  static at(client: DavClient, { folder }: Pick<WebdavSettings, "folder">): Nextcloud | undefined {
    const at = folder.indexOf(marker);
    if (at < 0) return undefined;
    const [first, second, userId] = folder.slice(at + 1);
    if (first === "webdav") return new Nextcloud(client, folder.slice(0, at), undefined);
    if (first !== "dav" || second !== "files" || userId === undefined) return undefined;
    return new Nextcloud(client, folder.slice(0, at), userId);
  }

  /** Path of the folder of all uploads of this user, or of something in it. */
  async uploads(names: readonly string[], signal: AbortSignal): Promise<string> {
    this.#userId ??= await this.userId(signal);
    return this.#client.path([...this.#dav(), "uploads", this.#userId, ...names]);
  }

  /** The id of who has signed in, which need not be the name that was typed. */
  async userId(signal: AbortSignal): Promise<string> {
    const path = this.#client.path(this.#dav(), true);
    const principal = "DAV: current-user-principal";
    const entry = await this.#client.propertiesOf(path, [principal], signal);
    const href = entry?.texts.get(principal) ?? "";
    const [kind, userId] = pathOfEntry({ href, isFolder: true, texts: new Map() }).slice(-2);
    if (kind === "users" && userId !== undefined) return userId;
    throw new StorageError("unsupported", `${this.#client.host} does not tell the id of the user`);
  }

  /** True if the server makes checksums of its own of what it stores; Nextcloud keeps what clients say. */
  async makesChecksums(signal: AbortSignal): Promise<boolean> {
    const path = this.#client.path([...this.#root, "status.php"]);
    const { body } = await this.#client.call({ method: "GET", path }, [200, 404], signal);
    return /"product"\s*:\s*"(owncloud|infinite scale|opencloud)"/i.test(body.toString("utf8"));
  }

  #dav(): readonly string[] {
    return [...this.#root, marker, "dav"];
  }
}

/** Address of a user's files as it has to be, for advice. */
export function filesUrl(settings: WebdavSettings, userId: string): string {
  const at = settings.folder.indexOf(marker);
  const root = settings.folder.slice(0, Math.max(0, at));
  const rest = settings.folder.slice(at + (settings.folder[at + 1] === "webdav" ? 2 : 4));
  const names = [...root, marker, "dav", "files", userId, ...rest];
  return `${settings.origin}/${names.map(encodeURIComponent).join("/")}`;
}
