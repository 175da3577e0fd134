import type { Hono } from "hono";
import { addonsKey } from "../api-version.ts";
import { success } from "../http/envelope.ts";
import { OfficialError } from "../http/official-error.ts";
import type { SupervisorApi } from "../supervisor-api.ts";
import { addonInfo } from "./info-answer.ts";

/** Add-ons that can be backed up, and their names. */
export function addAddonRoutes(app: Hono, { home, version, requires }: SupervisorApi): void {
  const key = addonsKey(version);

  app.get(`/${key}`, requires("read"), async () => {
    const { addons } = await home.info.describe();
    return success({ [key]: addons.map(addonInfo) });
  });

  app.get(`/${key}/:slug/info`, requires("read"), async (context) => {
    const slug = context.req.param("slug");
    const found = (await home.info.describe()).addons.find((addon) => addon.slug === slug);
    if (found === undefined) throw new OfficialError(`App ${slug} does not exist`, { status: 404 });
    return success(addonInfo(found));
  });
}
