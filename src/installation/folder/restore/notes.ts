import type { EntryNote } from "#core/model/part-event.ts";

const kept = 10_000;
/** In all notes. Names can have 64 kB each. */
const keptCharacters = 4_000_000;

/** Notes on skipped entries. A hostile archive can earn a million of them; the first 10 000 are kept. */
export class Notes {
  readonly #notes: EntryNote[] = [];
  readonly #once = new Set<string>();
  #characters = 0;
  #left = 0;

  add(note: EntryNote): void {
    this.#characters += note.path.length + note.message.length;
    if (this.#notes.length < kept && this.#characters <= keptCharacters) this.#notes.push(note);
    else this.#left += 1;
  }

  /** For what concerns a whole subtree: one note, however many entries it has. */
  addOnce(note: EntryNote): void {
    const key = `${note.problem} ${note.path}`;
    if (this.#once.has(key)) return;
    if (this.#once.size < kept) this.#once.add(key);
    this.add(note);
  }

  all(): readonly EntryNote[] {
    if (this.#left === 0) return this.#notes;
    const message = `${this.#left} further entries have notes that are not listed`;
    return [...this.#notes, { path: "", problem: "unsupported", message }];
  }
}
