import type { DaemonWay, RsyncSettings } from "./settings.ts";

/** What rsync is told so that it gets to the place. */
export interface Access {
  /** In front of the path, which ends the argument. */
  readonly remote: string;
  readonly args: readonly string[];
  /** Seen by this user and root alone. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Access to a daemon. The user's name comes from the environment, where it may hold what would mean something else in front of
 * the host.
 */
export function daemonAccess({ host }: RsyncSettings, way: DaemonWay): Access {
  const place = host.includes(":") ? `[${host}]` : host;
  return {
    remote: `${place}::${way.module}/`,
    args: [`--port=${way.port}`, "--no-motd"],
    env: {
      ...(way.user === undefined ? {} : { USER: way.user }),
      // Without one rsync would ask whoever sits at the terminal.
      RSYNC_PASSWORD: way.password ?? "",
    },
  };
}
