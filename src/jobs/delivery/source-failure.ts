/** Where a copy was to be read from failed, not where it was to go; `cause` says how. */
export class SourceFailure extends Error {
  override readonly name = "SourceFailure";
  override readonly cause: Error;

  constructor(cause: unknown) {
    super("The copy to read from failed");
    this.cause = cause instanceof Error ? cause : new Error(String(cause));
  }

  /** Work on a source, whose failures become those of the source. */
  static async of<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await work;
    } catch (error) {
      throw error instanceof SourceFailure ? error : new SourceFailure(error);
    }
  }
}
