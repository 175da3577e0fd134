import type { CatalogEntry } from "../catalog.ts";

export const rcloneEntry: CatalogEntry = {
  kind: "rclone",
  title: "rclone",
  fields: [
    { name: "remote", title: "the remote and a path in it, as name:path", type: "text" },
    { name: "config", title: "the path of rclone's configuration, if not its own", type: "text" },
    {
      name: "configPassword",
      title: "the password of rclone's configuration, if it is encrypted",
      type: "text",
      secret: true,
    },
  ],
  where: ({ remote }) => String(remote),
  async prepare(settings) {
    const { createRclonePlace } = await import("../rclone/create-place.ts");
    const { parseRcloneSettings } = await import("../rclone/settings.ts");
    await createRclonePlace(parseRcloneSettings(settings));
  },
  async *diagnose(settings, signal) {
    const { diagnoseRclone } = await import("../rclone/diagnose.ts");
    const { parseRcloneSettings } = await import("../rclone/settings.ts");
    yield* diagnoseRclone(parseRcloneSettings(settings), signal);
  },
  async open(settings) {
    const { RcloneStorage } = await import("../rclone/provider.ts");
    const { parseRcloneSettings } = await import("../rclone/settings.ts");
    return new RcloneStorage(parseRcloneSettings(settings));
  },
};
