import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { findAlerts } from "#core/alerts/find-alerts.ts";
import { channelFields } from "#core/notifications/channel-fields.ts";
import { notificationEvents } from "#core/notifications/notification.ts";
import { allWell } from "#test/alert-facts.ts";

const page = readFileSync(new URL("../docs/notifications.md", import.meta.url), "utf8");

/** Cells of the table under a heading row, marks of code left out. */
function rowsUnder(heading: string): string[][] {
  const [, table = ""] = page.split(`${heading}\n`);
  const [rows = ""] = table.split("\n\n");
  return rows
    .split("\n")
    .slice(1)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.replaceAll("`", "").trim()),
    );
}

test("the page has every setting of every channel, as the commands know it", () => {
  let kind = "";
  const shown = rowsUnder("| Kind | Setting | Needed | Secret | Is |").map(
    ([first = "", ...rest]) => {
      kind = first === "" ? kind : first;
      return [kind, ...rest];
    },
  );
  const known = Object.entries(channelFields).flatMap(([name, fields]) =>
    fields.map((field) => [
      name,
      field.name,
      field.isNeeded ? "yes" : "",
      field.isSecret ? "yes" : "",
      field.what,
    ]),
  );
  assert.deepEqual(shown, known);
});

test("the page has every event and every kind of alert", () => {
  const events = rowsUnder("| Event | Is told | `ping` tells it as |").map(([event]) => event);
  assert.deepEqual(events, notificationEvents);
  const alerts = rowsUnder("| Alert | Severity | Means |").map(([alert]) => alert);
  assert.deepEqual(new Set(alerts), new Set(Object.keys(findAlerts(allWell, 0))));
});
