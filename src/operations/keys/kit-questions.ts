import { nullable, number, object, strictObject, string } from "valibot";
import { findKey } from "#keys/find-key.ts";
import { kitQuestions } from "#keys/kit/kit-questions.ts";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";
import { keyId } from "./key-schema.ts";

export const kitQuestionsOperation = defineOperation({
  id: "kitQuestions",
  summary: "Tell what to type off the emergency kit of a key so that it is shown to be at hand",
  method: "get",
  path: "/keys/{key}/questions",
  scope: "admin",
  input: strictObject({ key: keyId }),
  output: object({
    id: string(),
    name: string(),
    /** `group` is null where the whole key is asked for. */
    questions: listOf(object({ group: nullable(number()), label: string() })),
  }),
  async run({ key: id }, { services, place }) {
    const store = services.keyRing(place);
    const { name } = findKey(await store.read(), id);
    const questions = kitQuestions(await store.reveal(id));
    return {
      id,
      name,
      questions: questions.map(({ group, label }) => ({ group: group ?? null, label })),
    };
  },
});
