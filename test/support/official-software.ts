import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pythonPeer, type PythonPeer } from "#test/python-peer.ts";

const peerScript = fileURLToPath(new URL("../interop/peer.py", import.meta.url));
const version1Script = fileURLToPath(new URL("../interop/peer_v1.py", import.meta.url));
const longestOutput = 256 * 1024 * 1024;

export type ArchiveForm = "plain" | "plain-uncompressed" | "v2" | "v3" | "v3-uncompressed";

/** An entry as the official reader tells of it. */
export interface OfficialEntry {
  readonly type: "file" | "dir" | "symlink" | "hardlink" | "fifo" | "char" | "block";
  /** As Python writes it: `0o644`. */
  readonly mode: string;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Files only. */
  readonly size?: number;
  readonly sha256?: string;
  /** Links only. */
  readonly target?: string;
}

/** What the official reader finds in an archive: the entries of each inner archive by their names. */
export interface OfficialListing {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly parts: Readonly<Record<string, Readonly<Record<string, OfficialEntry>>>>;
}

/** securetar as the Supervisor uses it. Homes are laid out as config/, share/, …, data/<add-on>/. */
export interface OfficialSoftware {
  make(
    home: string,
    file: string,
    options: { form: ArchiveForm; password?: string },
  ): Promise<void>;
  /** As the Supervisor reads, or with `stream` from front to back, as Core reads a download. */
  list(file: string, options?: { password?: string; stream?: boolean }): Promise<OfficialListing>;
  /** Restores into `folder` in the Supervisor's way. */
  extract(file: string, folder: string, options?: { password?: string }): Promise<void>;
}

/** Makes archives in SecureTar version 1. */
export interface OldOfficialSoftware {
  make(
    home: string,
    file: string,
    options: { password: string; compressed: boolean },
  ): Promise<void>;
}

/** Software that this machine may lack. */
export interface Peer<Software> {
  /** For a test's options: why it cannot run here, or false. */
  readonly skip: string | false;
  /** Throws where it is absent. */
  use(): Software;
}

/** securetar as the Supervisor of 2026 runs it. */
export async function officialSoftware(): Promise<Peer<OfficialSoftware>> {
  return peerOf(await pythonPeer("official"), (python) => {
    const call = (...args: string[]): Promise<string> => output(python, [peerScript, ...args]);
    return {
      async make(home, file, { form, password }) {
        await call("make", home, file, "--form", form, ...passwordArgs(password));
      },
      async list(file, { password, stream = false } = {}) {
        const streaming = stream ? ["--stream"] : [];
        const listing = await call("list", file, ...passwordArgs(password), ...streaming);
        return JSON.parse(listing) as OfficialListing;
      },
      async extract(file, folder, { password } = {}) {
        await call("extract", file, folder, ...passwordArgs(password));
      },
    };
  });
}

/** The last securetar that wrote version 1. */
export async function oldOfficialSoftware(): Promise<Peer<OldOfficialSoftware>> {
  return peerOf(await pythonPeer("version1"), (python) => ({
    async make(home, file, { password, compressed }) {
      const form = compressed ? [] : ["--uncompressed"];
      await output(python, [version1Script, home, file, ...passwordArgs(password), ...form]);
    },
  }));
}

function peerOf<Software>(found: PythonPeer, build: (python: string) => Software): Peer<Software> {
  return {
    skip: found.absent ?? false,
    use() {
      if (found.python === undefined) throw new Error(found.absent);
      return build(found.python);
    },
  };
}

function passwordArgs(password: string | undefined): string[] {
  return password === undefined ? [] : [`--password=${password}`];
}

async function output(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { maxBuffer: longestOutput });
  return stdout;
}
