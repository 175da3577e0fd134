import {
  safeParse,
  type GenericSchema,
  type InferOutput,
  type ObjectEntries,
  type StrictObjectSchema,
} from "valibot";
import type { Scope } from "#access/scope.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { HomeContext } from "./home-context.ts";
import { begunSchema } from "./runs/begun-schema.ts";

export type InputSchema<Entries extends ObjectEntries> = StrictObjectSchema<Entries, undefined>;

interface OperationFacts {
  /** In camel case; `operationId` of the API's description. */
  readonly id: string;
  /** One sentence without full stop. */
  readonly summary: string;
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** Below a home's address. Names in braces are properties of the input; the others are the query of GET and DELETE and the body of the rest. */
  readonly path: `/${string}`;
  /** What whoever calls must be allowed to do. */
  readonly scope: Scope;
  /** It is part of setting up, and open to whoever came by the set-up link. */
  readonly inSetUp?: true;
  /** It begins a run and does not wait for its end. */
  readonly startsRun?: true;
}

interface Definition<
  Entries extends ObjectEntries,
  Output extends GenericSchema,
> extends OperationFacts {
  /** Unknown properties are refused. */
  readonly input: InputSchema<Entries>;
  readonly output: Output;
  readonly run: (
    input: InferOutput<InputSchema<Entries>>,
    context: HomeContext,
  ) => Promise<InferOutput<Output>>;
}

/** Something that can be done with a home, for every edge: plain data in, plain data out. */
export interface Operation<
  Entries extends ObjectEntries,
  Output extends GenericSchema,
> extends Definition<Entries, Output> {
  /** Throws `usage` for input that does not fit. */
  readonly check: (input: unknown) => void;
  /** Checks the input, which may come from anywhere, and does it. Rejects with `usage`. */
  readonly answer: (input: unknown, context: HomeContext) => Promise<InferOutput<Output>>;
}

/** An operation that begins a run, and what the run comes to. */
export interface RunOperation<
  Entries extends ObjectEntries,
  Result extends GenericSchema,
> extends Operation<Entries, typeof begunSchema> {
  readonly startsRun: true;
  /** Of what `runResult` tells once the run is done. */
  readonly result: Result;
}

/** An operation of which no types are known. */
export interface AnyOperation extends OperationFacts {
  readonly input: GenericSchema & { readonly entries: ObjectEntries };
  readonly output: GenericSchema;
  readonly check: (input: unknown) => void;
  readonly answer: (input: unknown, context: HomeContext) => Promise<unknown>;
}

export function defineOperation<Entries extends ObjectEntries, Output extends GenericSchema>(
  definition: Definition<Entries, Output>,
): Operation<Entries, Output> {
  return {
    ...definition,
    check: (input) => void parseInput(definition.input, input),
    answer: async (input, context) => definition.run(parseInput(definition.input, input), context),
  };
}

export function defineRunOperation<Entries extends ObjectEntries, Result extends GenericSchema>({
  result,
  ...definition
}: Omit<Definition<Entries, typeof begunSchema>, "output" | "startsRun"> & {
  readonly result: Result;
}): RunOperation<Entries, Result> {
  const whole = { ...definition, startsRun: true, output: begunSchema } as const;
  return { ...defineOperation(whole), startsRun: true, result };
}

/** What comes in as a schema has it. Throws `usage`, with the first property that does not fit. */
export function parseInput<Schema extends GenericSchema>(
  schema: Schema,
  input: unknown,
): InferOutput<Schema> {
  const parsed = safeParse(schema, input);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const why = issue.message.replace(/,? but received .*$/su, "");
  const where = issue.path?.map(({ key }) => String(key)).join(".");
  const about = where === undefined ? "The request" : where;
  throw new SafehouseError(
    "usage",
    `${about} does not fit: ${why}`,
    where === undefined ? {} : { subject: where },
  );
}
