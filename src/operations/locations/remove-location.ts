import { object, strictObject, string } from "valibot";
import { defineOperation } from "../operation.ts";
import { idReference } from "../schema/names.ts";

export const removeLocationOperation = defineOperation({
  id: "removeLocation",
  summary: "Forget a location; its backups stay where they are",
  method: "delete",
  path: "/locations/{location}",
  scope: "admin",
  input: strictObject({ location: idReference }),
  output: object({ removed: string(), name: string(), where: string() }),
  async run({ location: id }, { services, place }) {
    await using open = await services.openLocations(place);
    const { name, where } = await open.setUp.remove(id);
    return { removed: id, name, where };
  },
});
