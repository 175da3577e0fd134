import { array, maxLength, object, pipe, strictObject, string } from "valibot";
import { parseInbox } from "#core/inbox/parse-inbox.ts";
import { findLocation } from "#core/location/find-location.ts";
import { defineOperation } from "../operation.ts";
import { givenId } from "../schema/names.ts";

export const changeInboxOperation = defineOperation({
  id: "changeInbox",
  summary: "Choose the locations that archives which arrive from now on are delivered to",
  method: "put",
  path: "/inbox",
  scope: "admin",
  input: strictObject({ deliverTo: pipe(array(givenId), maxLength(50)) }),
  output: object({ deliverTo: array(string()) }),
  async run({ deliverTo: wanted }, { services, place }) {
    await using open = await services.openLocations(place);
    const locations = await open.locations.list();
    const list = { locations, defaultId: await open.locations.default() };
    for (const id of wanted) findLocation(list, id);
    const { deliverTo } = parseInbox({ deliverTo: wanted });
    const { settings } = services.settingsStores(place);
    await settings.decide(() => ({ inbox: { deliverTo } }));
    return { deliverTo: [...deliverTo] };
  },
});
