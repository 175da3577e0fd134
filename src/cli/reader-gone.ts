/** Whoever read the output has gone away, as `head` does; there is nobody to tell anything. */
export class ReaderGone extends Error {
  override readonly name = "ReaderGone";

  constructor() {
    super("Nobody reads the output any more");
  }
}
