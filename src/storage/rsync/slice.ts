import { mkdir, open, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { inSpool, makeWorkFolder, type WorkFolder } from "./work-folder.ts";

/**
 * A part of an object on its way: a file as long as the object is up to there, of which only the part takes room on the disk.
 * Before it is a hole, which rsync does not read when it appends.
 */
export class Slice implements AsyncDisposable {
  /** Where in the object it begins. */
  readonly begin: number;
  readonly #spool: string;
  readonly #work: WorkFolder;
  readonly #file: FileHandle;
  #end: number;

  private constructor(at: { spool: string; work: WorkFolder; file: FileHandle; begin: number }) {
    this.begin = at.begin;
    this.#spool = at.spool;
    this.#work = at.work;
    this.#file = at.file;
    this.#end = at.begin;
  }

  /** @param name what the file is called below the tree */
  static async create(spool: string, name: string, begin: number): Promise<Slice> {
    const work = await makeWorkFolder(spool);
    try {
      return await inSpool(spool, async () => {
        const path = join(work.path, name);
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        const file = await open(path, "wx", 0o600);
        await file.truncate(begin);
        return new Slice({ spool, work, file, begin });
      });
    } catch (error) {
      await work[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The folder of this machine in which the file lies below its name. */
  get tree(): string {
    return this.#work.path;
  }

  get length(): number {
    return this.#end - this.begin;
  }

  async append(bytes: Uint8Array): Promise<void> {
    await inSpool(this.#spool, async () => {
      for (let at = 0; at < bytes.length;) {
        const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at, this.#end);
        this.#end += bytesWritten;
        at += bytesWritten;
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
    await this.#work[Symbol.asyncDispose]();
  }
}
