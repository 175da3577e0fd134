import { randomUUID } from "node:crypto";
import { boolean, object, optional, strictObject, string, type InferOutput } from "valibot";
import { testLocation } from "#jobs/locations/test-location.ts";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";
import { idReference } from "../schema/names.ts";

const step = object({
  subject: string(),
  ok: boolean(),
  message: string(),
  advice: optional(string()),
});

const promise = object({ promise: string(), kept: boolean(), message: optional(string()) });

/** As it comes over the wire. */
export type StepDocument = InferOutput<typeof step>;
export type PromiseDocument = InferOutput<typeof promise>;

export const testLocationOperation = defineOperation({
  id: "testLocation",
  summary: "Try out whether a location keeps what backups are built on; backups are not touched",
  method: "post",
  path: "/locations/{location}/test",
  scope: "admin",
  input: strictObject({ location: idReference }),
  output: object({
    location: string(),
    kept: boolean(),
    /** What was looked at on the way there; the last one names what is wrong, if something is. */
    steps: listOf(step),
    promises: listOf(promise),
  }),
  async run({ location: id }, { services, place, signal, person }) {
    await using open = await services.openLocations(place);
    const steps = await Array.fromAsync(open.setUp.diagnose(id, signal));
    if (steps.some(({ ok }) => !ok)) return { location: id, kept: false, steps, promises: [] };
    const promises = await testLocation(await open.locations.storage(id), {
      folder: `safehouse-test-${randomUUID().slice(0, 8)}/`,
      begins: (step) => person?.report({ step, bytes: 0 }),
      signal,
    });
    return { location: id, kept: promises.every(({ kept }) => kept), steps, promises };
  },
});
