/** Tells whoever listens that an operation has changed something. */
export class Changes {
  readonly #listeners = new Set<(operation: string) => void>();

  /** Returns what ends the listening. */
  listen(listener: (operation: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  readonly tell = (operation: string): void => {
    for (const listener of this.#listeners) listener(operation);
  };
}
