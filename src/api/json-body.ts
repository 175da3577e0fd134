import type { Env } from "hono";
import { validator } from "hono-openapi";
import type * as v from "valibot";
import { SafehouseError } from "#core/model/problem.ts";

/**
 * Reads a JSON body that has to fit a schema; `context.req.valid("json")` is what came out. Anything else is refused with
 * `usage`, naming the first field that does not fit, and never what stood in it: it may be a password. The
 * schema goes into the OpenAPI document.
 */
export function jsonBody<Schema extends v.GenericSchema>(schema: Schema) {
  return validator<Schema, "json", Env, string>("json", schema, (result) => {
    if (!result.success) throw misfit(result.error);
  });
}

type Issues = (Parameters<NonNullable<Parameters<typeof validator>[2]>>[0] & {
  success: false;
})["error"];

function misfit([issue]: Issues): SafehouseError {
  const steps = issue?.path?.map((step) => (typeof step === "object" ? step.key : step)) ?? [];
  const subject = steps.length === 0 ? "The body" : steps.map(String).join(".");
  const reason = issue?.message.replace(/,? but received .*$/su, "") ?? "";
  return new SafehouseError("usage", `${subject} does not fit: ${reason}`, {
    subject,
    advice: "Send it as application/json, with the fields that the description of the API names",
  });
}
