import type { ByteSource, ReportProgress } from "#core/ports.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import { asideKey } from "#location/backup-files.ts";
import type { Incoming, StorageProvider } from "#storage/provider.ts";
import { copyInto } from "./copy-archive.ts";

export interface DeliveryOptions {
  /** Name of the archive at the location. */
  readonly fileName: string;
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

/** A folder of this machine, for locations that are none. */
export type OwnDisk = Pick<StorageProvider, "open" | "remove"> & { readonly incoming: Incoming };

/**
 * Where archives come in that are meant for a location: on its own disk where it has a folder for that, so that
 * none is written twice, else on that of the data directory.
 */
export class IncomingFiles {
  readonly #location: ArchiveLocation;
  readonly #files: Incoming;
  /** Undefined for a location with a folder of its own. */
  readonly #elsewhere: OwnDisk | undefined;

  /** @param ownDisk for a location without a folder of its own */
  constructor(location: ArchiveLocation, ownDisk: OwnDisk) {
    this.#location = location;
    this.#files = location.incoming ?? ownDisk.incoming;
    this.#elsewhere = location.incoming === undefined ? ownDisk : undefined;
  }

  /** Id of the location. */
  get location(): string {
    return this.#location.id;
  }

  /** Absolute path of the folder, which is there. Rejects with `unreachable` where its disk is not. */
  folder(signal: AbortSignal): Promise<string> {
    return this.#files.folder(signal);
  }

  /** A name for a file that is of no use to anybody but this process. */
  ownName(): string {
    return this.#files.ownName();
  }

  open(name: string, signal: AbortSignal): Promise<ByteSource> {
    return this.#files.open(name, signal);
  }

  remove(name: string, signal: AbortSignal): Promise<void> {
    return this.#files.remove(name, signal);
  }

  /** Keeps a file out of sight under an id, because it is no backup that could be listed. */
  async setAside(name: string, id: string, signal: AbortSignal): Promise<void> {
    if (this.#elsewhere === undefined) await this.#location.setAside(name, id, signal);
    else await this.#files.adopt(name, asideKey(id), signal);
  }

  /** Opens what was set aside. Rejects with `not-found`. */
  openAside(id: string, signal: AbortSignal): Promise<ByteSource> {
    if (this.#elsewhere === undefined) return this.#location.openAside(id, signal);
    return this.#elsewhere.open(asideKey(id), signal);
  }

  /** Removing what is already gone succeeds. */
  async removeAside(id: string, signal: AbortSignal): Promise<void> {
    if (this.#elsewhere === undefined) await this.#location.removeAside(id, signal);
    else await this.#elsewhere.remove(asideKey(id), signal);
  }

  /** Rejects with `no-space` if the location is full, or so many bytes more are known not to fit into it. */
  async checkRoom(neededBytes: number, signal: AbortSignal): Promise<void> {
    const freeBytes = await this.#location.freeSpace(signal);
    if (freeBytes === undefined || neededBytes < freeBytes) return;
    const message =
      neededBytes === 0
        ? `${this.location} is full`
        : `${neededBytes} bytes are to come, but ${this.location} has only ${freeBytes} bytes free`;
    throw new SafehouseError("no-space", message, {
      subject: this.location,
      advice: "Remove old backups or choose another location",
      facts: { neededBytes, freeBytes },
    });
  }

  /**
   * Makes a file in the folder an archive of the location; then it is gone from the folder. Rejects with `usage`
   * for a name that is none of an archive, and with `already-exists`.
   */
  async deliver(name: string, { fileName, report, signal }: DeliveryOptions): Promise<void> {
    if (this.#elsewhere === undefined) {
      await this.#location.adopt(name, fileName, signal);
      return;
    }
    const source = await this.#files.open(name, signal);
    try {
      const target = await this.#location.createWriter(fileName, { size: source.size }, signal);
      await copyInto(source, target, { step: "upload", report, signal });
    } finally {
      await source.close();
    }
    await this.#files.remove(name, signal);
  }
}
