import type { TestContext } from "node:test";

/** Sets the clock of this process wrong until the test has ended. @param milliseconds that it is ahead */
export function shiftClock(context: TestContext, milliseconds: number): void {
  const Right = Date;
  class Wrong extends Right {
    constructor(...args: readonly unknown[]) {
      if (args.length === 0) super(Wrong.now());
      else super(...(args as [number]));
    }

    static override now(): number {
      return Right.now() + milliseconds;
    }
  }
  globalThis.Date = Wrong as DateConstructor;
  context.after(() => void (globalThis.Date = Right));
}
