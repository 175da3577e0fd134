import { toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";

/** A schema as JSON Schema has it; what that cannot say, such as a check by code, is left out. */
export function jsonSchema(schema: GenericSchema, typeMode: "input" | "output"): object {
  const { $schema: _, ...json } = toJsonSchema(schema, {
    typeMode,
    errorMode: "ignore",
    overrideAction: ({ jsonSchema: json }) => {
      // JSON Schema recommends a part of ECMAScript's patterns, in which NUL is written like this.
      if (typeof json.pattern !== "string") return undefined;
      return { ...json, pattern: json.pattern.replaceAll("\\0", "\\u0000") };
    },
  });
  return json;
}
