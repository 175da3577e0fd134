/** Keeps the first few of many items by their keys, whatever order they come in, and counts all. */
export class FirstInOrder<Item> {
  readonly #most: number;
  readonly #keyOf: (item: Item) => string;
  #items: Item[] = [];
  #count = 0;

  constructor(most: number, keyOf: (item: Item) => string) {
    this.#most = most;
    this.#keyOf = keyOf;
  }

  /** How many were added. */
  get count(): number {
    return this.#count;
  }

  add(item: Item): void {
    this.#count += 1;
    this.#items.push(item);
    if (this.#items.length >= 2 * this.#most + slack) this.#cut();
  }

  /** The first of them, in order. */
  first(): readonly Item[] {
    this.#cut();
    return this.#items;
  }

  #cut(): void {
    const compare = (a: Item, b: Item): number => (this.#keyOf(a) < this.#keyOf(b) ? -1 : 1);
    this.#items = this.#items.toSorted(compare).slice(0, this.#most);
  }
}

/** So that few kept items are not sorted for each one that is added. */
const slack = 1000;
