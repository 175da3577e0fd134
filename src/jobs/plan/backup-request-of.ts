import { currentKey, type PlanLocation } from "#core/model/plan.ts";
import { partName, type Part } from "#core/model/part.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { HomePlan } from "#core/plan/home-plan.ts";
import type { SelectionRequest } from "#core/plan/resolve-selection.ts";
import { selectParts, type SelectedParts } from "#core/plan/select-parts.ts";
import { uncoveredParts, type UncoveredParts } from "#core/plan/uncovered-parts.ts";
import type { RetentionRule } from "#core/retention/retention-rule.ts";
import type { Rule } from "#core/rules/rule.ts";
import type { InstallationState } from "#installation/installation.ts";
import type { BackupKeys } from "#keys/backup-keys.ts";
import type { RingKey } from "#keys/key-ring-port.ts";
import type { OpenRing } from "#keys/open-ring.ts";
import type { BackupRequest } from "../backup/backup-request.ts";
import { nameOfNextBackup } from "./name-of-next-backup.ts";

/** What a plan's run depends on besides the plan. */
export interface PlanSurroundings {
  /** What the home has now. */
  readonly state: InstallationState;
  /** All plans of the home, this one included. */
  readonly plans: readonly HomePlan[];
  readonly ring: OpenRing;
  /** User rules in force. */
  readonly rules: readonly Rule[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Time zone of the machine, for names of plans without a schedule. */
  readonly zone: string;
  readonly hostname: string | undefined;
}

/** One run of a plan, as a value. */
export interface PlannedBackup {
  readonly request: BackupRequest;
  /** The first is where it is made. At least one. */
  readonly locations: readonly PlanLocation<RetentionRule>[];
  /** Id of the plan. */
  readonly plan: string;
  /** Key of the ring that it is encrypted with; undefined if it is not encrypted. */
  readonly key: RingKey | undefined;
  /** Parts that the plan names and the home does not have; the others are backed up. */
  readonly missing: readonly string[];
  /** What no plan of the home backs up. */
  readonly uncovered: UncoveredParts;
}

/**
 * What a run of a plan is to do now. "Everything" becomes what the home has at this moment.
 *
 * Rejects with `not-found` if the key is not in the ring: a plan that encrypts never makes a plain backup
 * instead. Rejects with `usage` if the plan has no location, and `not-found` if the home has nothing of
 * what it selects.
 */
export async function backupRequestOf(
  plan: HomePlan,
  surroundings: PlanSurroundings,
): Promise<PlannedBackup> {
  const { state, plans, ring, rules } = surroundings;
  const { id, locations, selection, verify } = plan;
  if (locations.length === 0) throw hasNoLocation(id);
  const selected = selectParts(selection, state.parts);
  if (selected.parts.length === 0) throw hasNothing(plan, state.parts);
  const encryption = await encryptionOf(plan, ring);
  const request: BackupRequest = {
    name: nameOfNextBackup(plan, surroundings),
    selection: selectionRequest(selected, { selection, available: state.parts }),
    rules,
    encryption: encryption && { version: 3, keys: encryption.keys },
    compressed: true,
    verify,
    extra: {},
  };
  return {
    request,
    locations,
    plan: id,
    key: encryption?.key,
    missing: selected.missing,
    uncovered: uncoveredParts(state.parts, plans),
  };
}

async function encryptionOf(
  { id, encryptionKey }: HomePlan,
  ring: OpenRing,
): Promise<{ readonly key: RingKey; readonly keys: BackupKeys } | undefined> {
  if (encryptionKey === undefined) return undefined;
  const { current, keys } = await ring.read();
  const wanted = encryptionKey === currentKey ? current : encryptionKey;
  const key = keys.find((candidate) => candidate.id === wanted);
  if (key === undefined) throw keyIsMissing(id, encryptionKey);
  return { key, keys: await ring.keysOf(key) };
}

function selectionRequest(
  { parts, database }: SelectedParts,
  {
    selection,
    available,
  }: { readonly selection: HomePlan["selection"]; readonly available: readonly Part[] },
): SelectionRequest {
  const hasHomeAssistant = parts.some(({ kind }) => kind === "homeassistant");
  const excludeDatabase = hasHomeAssistant && !database;
  // Naming nothing asks for a full backup, which is one of everything there is.
  if (selection.include === "everything" && parts.length === available.length)
    return { excludeDatabase, folders: [], addons: [] };
  return {
    excludeDatabase,
    folders: parts.flatMap((part) => (part.kind === "folder" ? [part.name] : [])),
    addons: parts.flatMap((part) => (part.kind === "addon" ? [part.slug] : [])),
    ...(hasHomeAssistant ? { homeassistant: true } : {}),
  };
}

function keyIsMissing(plan: string, key: string): SafehouseError {
  const message =
    key === currentKey
      ? `Plan ${plan} encrypts with the current key, and the key ring has none`
      : `Plan ${plan} encrypts with key ${key}, which is not in the key ring`;
  return new SafehouseError("not-found", message, {
    subject: key,
    advice: `Import the key from its emergency kit with: safehouse keys import; or choose another with: safehouse plans change ${plan} --key ID`,
  });
}

function hasNoLocation(plan: string): SafehouseError {
  return new SafehouseError("usage", `Plan ${plan} has no location to keep backups at`, {
    subject: plan,
    advice: `Name one with: safehouse plans change ${plan} --location ID`,
  });
}

function hasNothing({ id, selection }: HomePlan, available: readonly Part[]): SafehouseError {
  const wanted = selection.include === "everything" ? "everything" : selection.include.join(", ");
  return new SafehouseError(
    "not-found",
    `This home has nothing of what plan ${id} backs up (${wanted})`,
    { subject: id, advice: `It has ${available.map(partName).join(", ") || "nothing at all"}` },
  );
}
