import { object, optional, picklist, strictObject, string } from "valibot";
import { partName } from "#core/model/part.ts";
import { uncoveredParts } from "#core/plan/uncovered-parts.ts";
import { examine, type Finding, type Found } from "#jobs/examination.ts";
import { lookAtLocation } from "#jobs/locations/look-at-location.ts";
import { listCopies } from "#jobs/locations/list-copies.ts";
import { proofReminder } from "#keys/proof-reminder.ts";
import type { HomeContext } from "../home-context.ts";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";

const finding = object({
  about: string(),
  state: picklist(["ok", "warning", "failed"]),
  message: string(),
  advice: optional(string()),
});

export const examineHomeOperation = defineOperation({
  id: "examineHome",
  summary: "Look at everything that backups need, and tell what is wrong with it",
  method: "get",
  path: "/doctor",
  scope: "read",
  input: strictObject({}),
  output: object({ findings: listOf(finding) }),
  async run(_, context) {
    const looks = [
      examine("home", () => homeFound(context)),
      examine("keys", () => keysFound(context)),
      examine("plans", () => plansFound(context)),
      examine("backups", () => backupsFound(context)),
      examine("alerts", () => alertsFound(context)),
      locationsFound(context),
    ];
    return { findings: (await Promise.all(looks)).flat() };
  },
});

async function homeFound({ services, place, signal }: HomeContext): Promise<readonly Found[]> {
  await using home = await services.openHome(place);
  const { parts, homeassistantVersion } = await home.installation.describe(signal);
  const recovered = home.recovered.map((message) => warning(message, undefined));
  if (!parts.some(({ kind }) => kind === "homeassistant"))
    return [
      ...recovered,
      failed("Home Assistant's configuration is not where it should be", setPaths),
    ];
  const version = homeassistantVersion === undefined ? "" : ` ${homeassistantVersion}`;
  return [...recovered, fine(`Home Assistant${version}: ${parts.map(partName).join(", ")}`)];
}

const setPaths = "Say where the home lies with: safehouse init --home DIR";

async function keysFound({ services, place }: HomeContext): Promise<readonly Found[]> {
  const { current, keys } = await services.keyRing(place).read();
  const key = keys.find(({ id }) => id === current);
  if (key === undefined)
    return [warning("New backups are not encrypted", "Make a key with: safehouse keys new")];
  const reminder = proofReminder(key);
  const prove = `Show that its kit is at hand with: safehouse keys prove ${key.id}`;
  if (reminder !== undefined) return [warning(reminder, prove)];
  return [fine(`New backups are encrypted with key ${key.id}, and its emergency kit is at hand`)];
}

async function plansFound(context: HomeContext): Promise<readonly Found[]> {
  const { services, place, signal } = context;
  const { plans, damaged } = await services.plans(place).store.read();
  const broken = damaged.map(({ id, error }) =>
    failed(`Plan ${id} cannot be read: ${error.message}`, error.advice),
  );
  const enabled = plans.filter(({ plan }) => plan.enabled && plan.schedule !== undefined);
  if (enabled.length === 0)
    return [
      ...broken,
      warning("No plan backs the home up by itself", "Make one with: safehouse plans new"),
    ];
  const isServed = context.isServer === true || (await services.runningServer(place)) !== undefined;
  const served = isServed
    ? fine(`${enabled.length} run by themselves`)
    : failed("No server runs the plans", "Start it with: safehouse serve");
  await using home = await services.openHome(place);
  const { parts } = await home.installation.describe(signal);
  const uncovered = uncoveredParts(
    parts,
    plans.map(({ plan }) => plan),
  ).parts;
  const left =
    uncovered.length === 0
      ? []
      : [
          warning(
            `No plan backs up ${uncovered.map(partName).join(", ")}`,
            "See: safehouse plans list",
          ),
        ];
  return [...broken, served, ...left];
}

async function backupsFound({ services, place, signal }: HomeContext): Promise<readonly Found[]> {
  await using open = await services.openLocations(place);
  const { clock, locations } = open;
  const { backups } = await listCopies(locations, { fresh: true, clock, signal });
  const damaged = backups.filter(({ copies }) => copies.every(({ state }) => state === "damaged"));
  const good = backups.find(({ copies }) =>
    copies.some(({ state, verification }) => state === "present" && verification !== undefined),
  );
  const bad = damaged.map(({ slug, file }) =>
    failed(`Every copy of backup ${slug ?? file} is damaged`, "See: safehouse backups info SLUG"),
  );
  if (good === undefined)
    return [...bad, failed("No backup has been read back", "Make one with: safehouse backups new")];
  return [...bad, fine(`The newest that was read back is of ${good.date ?? "an unknown date"}`)];
}

async function alertsFound({ services, place }: HomeContext): Promise<readonly Found[]> {
  await using notifications = await services.openNotifications(place);
  const open = await notifications.alerts.open(notifications.home);
  return open.map(({ severity, message, advice }) =>
    severity === "error" ? failed(message, advice) : warning(message, advice),
  );
}

async function locationsFound({
  services,
  place,
  signal,
}: HomeContext): Promise<readonly Finding[]> {
  await using open = await services.openLocations(place);
  const { clock, locations, setUp } = open;
  const described = await setUp.describe();
  const looks = described.map(({ id, where }) =>
    examine(`location ${id}`, async () => {
      const { problem, backups, freeBytes } = await lookAtLocation(locations, id, {
        clock,
        signal,
      });
      if (problem !== undefined) return [failed(problem.message, problem.advice)];
      const room = freeBytes === undefined ? "" : `, ${Math.floor(freeBytes / 1e9)} GB free`;
      return [fine(`${where} answers: ${backups} backups${room}`)];
    }),
  );
  return (await Promise.all(looks)).flat();
}

function fine(message: string): Found {
  return { state: "ok", message, advice: undefined };
}

function warning(message: string, advice: string | undefined): Found {
  return { state: "warning", message, advice };
}

function failed(message: string, advice: string | undefined): Found {
  return { state: "failed", message, advice };
}
