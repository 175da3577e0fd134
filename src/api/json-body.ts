import { validator } from "hono/validator";
import { safeParse, type GenericSchema, type InferOutput } from "valibot";
import { SafehouseError } from "#core/model/problem.ts";
import { alsoDocumented } from "./described.ts";
import { jsonSchema } from "./json-schema.ts";

/**
 * Reads a JSON body that has to fit a schema; `context.req.valid("json")` is what came out. Anything else is
 * refused with `usage`, naming the first field that does not fit, and never what stood in it: it may be a
 * password. The schema goes into the OpenAPI document.
 */
export function jsonBody<Schema extends GenericSchema>(schema: Schema) {
  const check = validator("json", (value): InferOutput<Schema> => {
    const parsed = safeParse(schema, value);
    if (!parsed.success) throw misfit(parsed.issues[0]);
    return parsed.output;
  });
  const content = { "application/json": { schema: jsonSchema(schema, "input") } };
  return alsoDocumented(check, { requestBody: { required: true, content } });
}

interface Issue {
  readonly message: string;
  readonly path?: readonly { readonly key: unknown }[] | undefined;
}

function misfit({ message, path = [] }: Issue): SafehouseError {
  const subject = path.length === 0 ? "The body" : path.map(({ key }) => String(key)).join(".");
  const reason = message.replace(/,? but received .*$/su, "");
  return new SafehouseError("usage", `${subject} does not fit: ${reason}`, {
    subject,
    advice: "Send it as application/json, with the fields that the description of the API names",
  });
}
