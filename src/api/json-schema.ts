import { toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";

/** A schema as JSON Schema has it; what that cannot say, such as a check by code, is left out. */
export function jsonSchema(schema: GenericSchema, typeMode: "input" | "output"): object {
  const { $schema: _, ...json } = toJsonSchema(schema, {
    typeMode,
    errorMode: "ignore",
  });
  return json;
}
