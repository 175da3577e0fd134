/** What a remote can do, as `operations/fsinfo` tells it. */
export interface PlaceFacts {
  /** A finished object can be given another name at the place, without being copied through us. */
  readonly canMove: boolean;
  /** Giving it a name that is taken replaces what is there, in one step. */
  readonly moveReplaces: boolean;
  readonly tellsSpace: boolean;
  /** Names of the checksums that it may have. */
  readonly hashes: readonly string[];
  /** Times of objects are exact to the second only, whatever is told. */
  readonly wholeSeconds: boolean;
  /** A checksum means reading the whole object. */
  readonly slowHash: boolean;
}

export function placeFacts(info: Readonly<Record<string, unknown>>): PlaceFacts {
  const features = recordOf(info["Features"]);
  const has = (name: string): boolean => features[name] === true;
  const hashes: readonly unknown[] = Array.isArray(info["Hashes"]) ? info["Hashes"] : [];
  return {
    canMove: has("Move"),
    // From 1.63 on rclone tells which places are like a disk; before, of these only the disk itself and WebDAV are known.
    // Others might keep both objects, or give the new one yet another name.
    moveReplaces:
      has("IsLocal") || has("PartialUploads") || String(info["String"]).startsWith("webdav "),
    tellsSpace: has("About"),
    hashes: hashes.filter((name) => typeof name === "string"),
    wholeSeconds: has("SlowModTime"),
    slowHash: has("SlowHash"),
  };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
