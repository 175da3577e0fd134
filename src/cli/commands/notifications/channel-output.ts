import type { StoredChannel } from "#jobs/channel-store-port.ts";
import { errorJson } from "../../output/report-error.ts";

/** A channel as `--json` shows it: of its secrets only their names. */
export function channelJson({ id, settings, secrets, channel, problem }: StoredChannel): unknown {
  return {
    id,
    kind: channel?.kind ?? null,
    name: channel?.name ?? null,
    events: channel?.events ?? [],
    plans: channel?.plans ?? [],
    settings,
    secrets,
    problem: problem === undefined ? null : errorJson(problem, []),
  };
}
