import { object, optional, picklist, strictObject, string } from "valibot";
import { findKey } from "#keys/find-key.ts";
import { kitHtml } from "#keys/kit/kit-html.ts";
import { kitText } from "#keys/kit/kit-text.ts";
import { defineOperation } from "../operation.ts";
import { keyId } from "./key-schema.ts";

export const kitOfKeyOperation = defineOperation({
  id: "kitOfKey",
  summary: "Write the emergency kit of a key, as text or as a page to be printed",
  method: "post",
  path: "/keys/{key}/kit",
  scope: "admin",
  input: strictObject({ key: keyId, format: optional(picklist(["text", "html"]), "text") }),
  output: object({ id: string(), format: picklist(["text", "html"]), kit: string() }),
  async run({ key: id, format }, { services, place }) {
    const store = services.keyRing(place);
    const key = findKey(await store.read(), id);
    const about = await services.describeForKit(place);
    const date = new Date().toISOString();
    const kit = { ...about, key, secret: await store.reveal(id), date };
    return { id, format, kit: format === "html" ? kitHtml(kit) : kitText(kit) };
  },
});
