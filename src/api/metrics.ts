/** What `/metrics` tells. Times are milliseconds since 1970; undefined is not known and left out. */
export interface MetricsFacts {
  readonly now: number;
  /** Of the program. */
  readonly version: string;
  /** When the process began. */
  readonly started: number;
  /** Of the process, in bytes. */
  readonly residentBytes: number;
  /** By severity. */
  readonly openAlerts: Readonly<Record<"error" | "warning", number>>;
  readonly plans: readonly PlanMetrics[];
  readonly copies: readonly CopyMetrics[];
}

export interface PlanMetrics {
  /** Id of the plan. */
  readonly plan: string;
  /** When it runs next. */
  readonly nextRun: number | undefined;
  /** How long its last run took, in milliseconds. */
  readonly lastDuration: number | undefined;
  /** How many of its runs in a row made no good backup. */
  readonly failures: number;
}

/** What a plan has at a location. */
export interface CopyMetrics {
  readonly plan: string;
  /** Id of the location. */
  readonly location: string;
  /** When the last good copy was made. */
  readonly lastGood: number | undefined;
  /** Of that copy. */
  readonly bytes: number | undefined;
  /** Good copies that are there. */
  readonly count: number;
  /** How many runs in a row brought no good copy to the location. */
  readonly failures: number;
}

/** The content type of what `renderMetrics` returns. */
export const metricsType = "text/plain; version=0.0.4; charset=utf-8";

/** Renders metrics in the text format of Prometheus, version 0.0.4. */
export function renderMetrics(facts: MetricsFacts): string {
  return [...processMetrics(facts), ...planMetrics(facts), ...copyMetrics(facts)]
    .map(render)
    .join("");
}

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  /** Undefined is left out. */
  readonly value: number | undefined;
}

function processMetrics({ version, started, residentBytes, openAlerts }: MetricsFacts): Metric[] {
  return [
    {
      name: "safehouse_build_info",
      help: "Version of the program; always 1.",
      samples: [{ labels: { version }, value: 1 }],
    },
    {
      name: "process_start_time_seconds",
      help: "When the process began, in seconds since 1970.",
      samples: [{ value: started / 1000 }],
    },
    {
      name: "process_resident_memory_bytes",
      help: "Resident memory of the process.",
      samples: [{ value: residentBytes }],
    },
    {
      name: "safehouse_open_alerts",
      help: "Alerts that are open.",
      samples: (["error", "warning"] as const).map((severity) => ({
        labels: { severity },
        value: openAlerts[severity],
      })),
    },
  ];
}

function planMetrics({ plans }: MetricsFacts): Metric[] {
  const each = (value: (plan: PlanMetrics) => number | undefined): Sample[] =>
    plans.map((plan) => ({ labels: { plan: plan.plan }, value: value(plan) }));
  return [
    {
      name: "safehouse_next_run_timestamp_seconds",
      help: "When the plan runs next, in seconds since 1970.",
      samples: each(({ nextRun }) => inSeconds(nextRun)),
    },
    {
      name: "safehouse_last_run_duration_seconds",
      help: "How long the last run of the plan took.",
      samples: each(({ lastDuration }) => inSeconds(lastDuration)),
    },
    {
      name: "safehouse_consecutive_run_failures",
      help: "Runs of the plan in a row that made no good backup.",
      samples: each(({ failures }) => failures),
    },
  ];
}

function copyMetrics({ copies, now }: MetricsFacts): Metric[] {
  const each = (value: (copy: CopyMetrics) => number | undefined): Sample[] =>
    copies.map((copy) => {
      const { plan, location } = copy;
      return { labels: { plan, location }, value: value(copy) };
    });
  return [
    {
      name: "safehouse_last_good_backup_timestamp_seconds",
      help: "When the last good backup at the location was made, in seconds since 1970.",
      samples: each(({ lastGood }) => inSeconds(lastGood)),
    },
    {
      name: "safehouse_last_good_backup_age_seconds",
      help: "Age of the last good backup at the location.",
      // A backup from the future is new: no clock is exact.
      samples: each(({ lastGood }) =>
        inSeconds(lastGood === undefined ? undefined : Math.max(0, now - lastGood)),
      ),
    },
    {
      name: "safehouse_last_good_backup_size_bytes",
      help: "Size of the last good backup at the location.",
      samples: each(({ bytes }) => bytes),
    },
    {
      name: "safehouse_good_backups",
      help: "Good backups at the location.",
      samples: each(({ count }) => count),
    },
    {
      name: "safehouse_consecutive_copy_failures",
      help: "Runs of the plan in a row that brought no good backup to the location.",
      samples: each(({ failures }) => failures),
    },
  ];
}

function inSeconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}

/** Everything here goes up and down, so everything is a gauge. A metric without samples is left out. */
function render({ name, help, samples }: Metric): string {
  const lines = samples.flatMap(({ labels = {}, value }) =>
    value === undefined ? [] : [`${name}${renderLabels(labels)} ${value}\n`],
  );
  if (lines.length === 0) return "";
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join("")}`;
}

function renderLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

/** Lone surrogates, which paths of odd bytes hold, are no UTF-8. */
function escaped(value: string): string {
  return value
    .toWellFormed()
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n");
}
