/** What `/healthz` is decided by. Times are milliseconds since 1970. */
export interface HealthFacts {
  readonly now: number;
  /** Why the state file cannot be used; undefined if it can. No secret. */
  readonly stateProblem: string | undefined;
  /** When the scheduler last looked whether something is due; undefined if it has not yet. */
  readonly schedulerSeen: number | undefined;
  /** When the process began. */
  readonly started: number;
}

/** An answer of `/healthz`: 200 if the server can do its work, else 503. It names no plan and no place. */
export interface Health {
  readonly status: 200 | 503;
  readonly body: { readonly status: "ok" | "failing"; readonly problems: readonly string[] };
}

/** The scheduler looks at least every minute; so long it may be busy or the machine asleep. */
const longestSilenceInMs = 5 * 60_000;

/**
 * Whether the server can do its work: not whether backups succeed, of which alerts tell. So a container that is restarted
 * for being unhealthy is one that a restart may help.
 */
export function describeHealth(facts: HealthFacts): Health {
  const problems = [...stateProblems(facts), ...schedulerProblems(facts)];
  const isOk = problems.length === 0;
  return { status: isOk ? 200 : 503, body: { status: isOk ? "ok" : "failing", problems } };
}

function stateProblems({ stateProblem }: HealthFacts): readonly string[] {
  return stateProblem === undefined ? [] : [`The state file cannot be used: ${stateProblem}`];
}

function schedulerProblems({ now, schedulerSeen, started }: HealthFacts): readonly string[] {
  const silence = now - (schedulerSeen ?? started);
  // Below zero the clock was set back, and nothing is known of the silence.
  if (silence <= longestSilenceInMs) return [];
  return [`The scheduler has not looked for ${Math.floor(silence / 60_000)} minutes what is due`];
}
