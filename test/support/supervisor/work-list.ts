import type { SupervisorJobs, Work } from "#api/supervisor/jobs/jobs-port.ts";

/** Work as it is told, newest first. */
export class WorkList implements SupervisorJobs {
  /** By id of the work. */
  readonly #works = new Map<string, () => Promise<Work>>();
  #conditions: readonly string[] = [];

  /** @param tell what it has come to, whenever somebody asks */
  add(id: string, tell: () => Promise<Work>): void {
    this.#works.set(id, tell);
  }

  async list(): Promise<readonly Work[]> {
    return Promise.all([...this.#works.values()].toReversed().map((tell) => tell()));
  }

  async forget(id: string): Promise<void> {
    this.#works.delete(id);
  }

  async ignoredConditions(): Promise<readonly string[]> {
    return this.#conditions;
  }

  async setIgnoredConditions(conditions: readonly string[]): Promise<void> {
    this.#conditions = conditions;
  }
}
