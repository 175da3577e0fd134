import type { Progress, ReportProgress } from "#core/ports.ts";
import type { Console } from "../console.ts";
import { formatBytes, formatSeconds } from "./format-bytes.ts";
import { printable } from "./table.ts";

const everyMs = 100;
/** The rate is that of the last seconds, so that it follows from database to media. */
const windowMs = 3000;

/**
 * One line on the terminal that says what is being done: step, part, bytes, rate and the time left.
 * Shows nothing when standard error is no terminal.
 */
export class ProgressLine {
  readonly #console: Console;
  readonly #enabled: boolean;
  readonly #samples: { readonly at: number; readonly bytes: number }[] = [];
  #step = "";
  #shownAt = 0;
  #visible = false;

  constructor(console: Console, enabled: boolean) {
    this.#console = console;
    this.#enabled = enabled && console.errIsTerminal;
  }

  readonly report: ReportProgress = (progress) => {
    if (!this.#enabled) return;
    const now = this.#console.now();
    if (progress.step === this.#step && now - this.#shownAt < everyMs) return;
    if (progress.step !== this.#step) this.#samples.length = 0;
    this.#step = progress.step;
    this.#shownAt = now;
    this.#samples.push({ at: now, bytes: progress.bytes });
    while ((this.#samples[1]?.at ?? now) < now - windowMs) this.#samples.shift();
    this.#show(this.#text(progress));
  };

  /** Removes the line. */
  clear(): void {
    if (this.#visible) this.#console.err("\r\u001b[K");
    this.#visible = false;
  }

  #show(text: string): void {
    this.#console.err(`\r${text.slice(0, Math.max(20, this.#console.columns - 1))}\u001b[K`);
    this.#visible = true;
  }

  #text(progress: Progress): string {
    const { step, part, bytes, totalBytes } = progress;
    const rate = this.#rate(bytes);
    const of = totalBytes === undefined ? "" : ` of ${formatBytes(totalBytes)}`;
    const percent =
      totalBytes === undefined || totalBytes === 0
        ? ""
        : `${Math.min(99, Math.floor((bytes / totalBytes) * 100))} %  `;
    const left =
      totalBytes === undefined || rate === 0
        ? ""
        : `  ${formatSeconds(Math.max(0, totalBytes - bytes) / rate)} left`;
    const speed = rate === 0 ? "" : `  ${formatBytes(rate)}/s`;
    return `${step}${part === undefined ? "" : ` ${printable(part)}`}  ${percent}${formatBytes(bytes)}${of}${speed}${left}`;
  }

  /** Bytes per second. */
  #rate(bytes: number): number {
    const first = this.#samples[0];
    const elapsed = first === undefined ? 0 : this.#shownAt - first.at;
    return first === undefined || elapsed < everyMs ? 0 : ((bytes - first.bytes) * 1000) / elapsed;
  }
}
