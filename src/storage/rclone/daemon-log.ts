import type { ChildProcess } from "node:child_process";

/** What a child says on standard error, and waiting for it to say something. */
export class DaemonLog {
  text = "";
  readonly #child: ChildProcess;
  readonly #complete: Promise<void>;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.setEncoding("utf8").on("data", (said: string) => {
      this.text = (this.text + said).slice(-logKept);
    });
    this.#complete = new Promise((resolve) => {
      child.once("close", () => resolve());
      child.once("error", (error) => {
        this.text += `${error.message}\n`;
        resolve();
      });
    });
  }

  /** Resolves when there will be no more. */
  complete(): Promise<void> {
    return keptAwake(this.#complete);
  }

  /** The words when it says them; undefined if it ends without. */
  async until(words: RegExp): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => {
      if (words.test(this.text)) resolve();
    };
    this.#child.stderr?.on("data", look);
    look();
    await keptAwake(Promise.race([promise, this.#complete]));
    this.#child.stderr?.off("data", look);
    return words.exec(this.text)?.[0];
  }
}

const logKept = 16_384;

/** A child that must not keep this program alive does not either while it is waited for. */
async function keptAwake(work: Promise<void>): Promise<void> {
  const awake = setInterval(() => undefined, 60_000);
  await work;
  clearInterval(awake);
}
