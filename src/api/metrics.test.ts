import assert from "node:assert/strict";
import { test } from "node:test";
import { metricsType, renderMetrics, type MetricsFacts } from "./metrics.ts";

const facts: MetricsFacts = {
  now: 1_000_000,
  version: "0.1.0",
  started: 500,
  residentBytes: 123,
  openAlerts: { error: 1, warning: 0 },
  plans: [{ plan: "nightly", nextRun: 2_000_000, lastDuration: 61_500, failures: 2 }],
  copies: [
    {
      plan: "nightly",
      location: "/mnt/nas",
      lastGood: 400_000,
      bytes: 5000,
      count: 7,
      failures: 0,
    },
    {
      plan: "nightly",
      location: 'a"b\\c\nd',
      lastGood: undefined,
      bytes: undefined,
      count: 0,
      failures: 3,
    },
  ],
};

test("every metric has its help, its type and its samples, in base units", () => {
  const text = renderMetrics(facts);
  const samples = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  assert.deepEqual(samples, [
    'safehouse_build_info{version="0.1.0"} 1',
    "process_start_time_seconds 0.5",
    "process_resident_memory_bytes 123",
    'safehouse_open_alerts{severity="error"} 1',
    'safehouse_open_alerts{severity="warning"} 0',
    'safehouse_next_run_timestamp_seconds{plan="nightly"} 2000',
    'safehouse_last_run_duration_seconds{plan="nightly"} 61.5',
    'safehouse_consecutive_run_failures{plan="nightly"} 2',
    'safehouse_last_good_backup_timestamp_seconds{plan="nightly",location="/mnt/nas"} 400',
    'safehouse_last_good_backup_age_seconds{plan="nightly",location="/mnt/nas"} 600',
    'safehouse_last_good_backup_size_bytes{plan="nightly",location="/mnt/nas"} 5000',
    'safehouse_good_backups{plan="nightly",location="/mnt/nas"} 7',
    'safehouse_good_backups{plan="nightly",location="a\\"b\\\\c\\nd"} 0',
    'safehouse_consecutive_copy_failures{plan="nightly",location="/mnt/nas"} 0',
    'safehouse_consecutive_copy_failures{plan="nightly",location="a\\"b\\\\c\\nd"} 3',
  ]);
  assert.ok(text.endsWith("\n"));
  assert.match(metricsType, /^text\/plain; version=0\.0\.4;/u);
});

test("a metric without samples is not there at all", () => {
  const text = renderMetrics({ ...facts, plans: [], copies: [] });
  assert.doesNotMatch(text, /run|backup/u);
});
