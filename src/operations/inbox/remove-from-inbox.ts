import { boolean, object, strictObject, string } from "valibot";
import { SafehouseError } from "#core/model/problem.ts";
import { inTurn } from "#jobs/backup/in-turn.ts";
import { atLocation } from "../at-location.ts";
import { defineOperation } from "../operation.ts";
import { idReference } from "../schema/names.ts";

export const removeFromInboxOperation = defineOperation({
  id: "removeFromInbox",
  summary: "Take an archive out of the inbox; a backup that it has become stays",
  method: "delete",
  path: "/inbox/{entry}",
  scope: "admin",
  input: strictObject({ entry: idReference }),
  output: object({
    removed: string(),
    path: string(),
    /** It has become a backup, which is still there. */
    isBackup: boolean(),
  }),
  async run({ entry }, context) {
    const { services, place, signal } = context;
    const inbox = services.inbox(place);
    return inTurn("the inbox", async () => {
      const found = (await inbox.list()).find(({ id }) => id === entry);
      if (found?.kind !== "archive")
        throw new SafehouseError("not-found", `There is no ${entry} in the inbox`, {
          subject: entry,
          advice: "See what there is: safehouse inbox list",
        });
      if (found.state.kind === "aside") {
        await using open = await services.openLocation(atLocation(context, found.location));
        await open.incoming.removeAside(found.id, signal);
      }
      await inbox.remove(found);
      const isBackup = found.state.kind === "backup";
      return { removed: found.id, path: found.path.join("/"), isBackup };
    });
  },
});
