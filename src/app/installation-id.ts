import { randomUUID } from "node:crypto";
import { SafehouseError } from "#core/model/problem.ts";
import type { Settings } from "#state/settings.ts";
import { onlyHome } from "./only-home.ts";

/**
 * The id of this installation: a UUID that is made once and says whose a backup is. Rejects with `damaged`
 * if something else stands in its place: another id would make strangers of all backups that there are.
 */
export function installationId(settings: Settings): Promise<string> {
  return settings.ensure(
    { home: onlyHome, name: "installation" },
    () => randomUUID() as string,
    accepted,
  );
}

function accepted(stored: unknown): string {
  if (typeof stored === "string" && uuid.test(stored)) return stored;
  throw new SafehouseError("damaged", "The id of the installation in settings.json is no UUID", {
    subject: "installation",
    advice: "Bring it back from an export of the settings, or remove it to begin anew",
  });
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
