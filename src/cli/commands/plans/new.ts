import type { Command } from "commander";
import { currentKey } from "#core/model/plan.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { findKey } from "#keys/find-key.ts";
import type { PlanDocument } from "#jobs/plan-store-port.ts";
import { listKeysOperation } from "#operations/keys/list-keys.ts";
import { addPlanOperation } from "#operations/plans/add-plan.ts";
import { changePlanOperation } from "#operations/plans/change-plan.ts";
import { planDocumentOperation } from "#operations/plans/plan-document.ts";
import type { PlaceFlags } from "#operations/services.ts";
import type { CommandContext, CommandRunner, CommonFlags } from "../../command-context.ts";
import { readDocument } from "../../input/read-document.ts";
import type { LinkFlags } from "../../link/link-flags.ts";
import { addExamples, collect } from "../options.ts";
import { fieldsOf } from "./document-fields.ts";
import { changedDocument } from "./plan-document.ts";
import { addPlanOptions, type PlanFlags } from "./plan-options.ts";
import { planText } from "./plan-output.ts";
import { machineZone } from "./wall-time.ts";

type Flags = PlanFlags & CommonFlags;
type NewFlags = Flags & { readonly disabled?: boolean };

export function addPlansNew(group: Command, runner: CommandRunner): void {
  const command = group
    .command("new [id]")
    .alias("create")
    .description("make a plan; its id is up to 64 of a-z, 0-9, - and _");
  addPlanOptions(command).option("--disabled", "do not let it run by itself yet");
  addExamples(command, [
    "safehouse plans new nightly --daily 03:00 --location nas --keep-copies 3 --keep-daily 14 --keep-weekly 8",
    "safehouse plans new photos --weekdays sat,sun --at 22:00 --include media --location nas",
    "safehouse plans new --from-file nightly.yaml",
  ]);
  runner.attachLinked<NewFlags>(command, async (context, flags, [id]) => {
    const given = flags.fromFile === undefined ? {} : await planInFile(context, flags.fromFile);
    const document = await withDefaults(context, flags, { ...given, ...namedAs(given, id) });
    const asking = { flags: planHome(flags) };
    const plan = await context.home.call(addPlanOperation, { document: { ...document } }, asking);
    await context.print({ json: plan, text: `Made plan ${plan.id}\n${planText(plan)}` });
  });
}

export function addPlansChange(group: Command, runner: CommandRunner): void {
  const command = group
    .command("change <id>")
    .alias("update")
    .description("change what options name, and leave the rest of a plan as it is");
  addPlanOptions(command).option(
    "--remove-location <id>",
    "keep no more backups there; those that are there stay; may be repeated",
    collect,
  );
  addExamples(command, [
    "safehouse plans change nightly --daily 04:30",
    "safehouse plans change nightly --location cloud --keep-monthly 12",
  ]);
  runner.attachLinked<Flags>(command, async (context, flags, [id = ""]) => {
    const given =
      flags.fromFile === undefined ? undefined : await planInFile(context, flags.fromFile);
    await checkKey(context, flags);
    const asking = { flags: planHome(flags) };
    const { document: before } = await context.home.call(
      planDocumentOperation,
      { plan: id },
      asking,
    );
    const base = given === undefined ? before : { ...given, ...namedAs(given, id) };
    const document = { ...changedDocument(base, flags, machineZone()) };
    const wanted = { plan: id, document, before };
    const plan = await context.home.call(changePlanOperation, wanted, asking);
    await context.print({ json: plan, text: `Changed plan ${plan.id}\n${planText(plan)}` });
  });
}

/** `--location` names locations of a plan here, and not a folder of this machine. */
function planHome(flags: Flags & LinkFlags): PlaceFlags & LinkFlags {
  const { dataDir, endpoint, tokenFile, token, embedded } = flags;
  return { dataDir, endpoint, tokenFile, token, embedded };
}

async function planInFile({ console }: CommandContext, path: string): Promise<PlanDocument> {
  const document = await readDocument(path, console);
  if (typeof document === "object" && document !== null && !Array.isArray(document))
    return fieldsOf(document);
  throw new SafehouseError("usage", `The file ${path} holds no plan`, { subject: path });
}

/** A damaged plan may be asked for by its place in the list; then the file has the id. */
function namedAs({ id: inFile }: PlanDocument, asked: string | undefined): PlanDocument {
  const id = asked?.startsWith("#") === true ? undefined : asked;
  if (id === undefined && inFile === undefined)
    throw new SafehouseError("usage", "A plan needs an id, such as nightly");
  if (id !== undefined && inFile !== undefined && inFile !== id)
    throw new SafehouseError(
      "usage",
      `The plan in the file has the id ${JSON.stringify(inFile)}, and not ${id}`,
    );
  return { id: id ?? inFile };
}

/** A new plan is named as its id, and encrypts if there is a key: nobody wants plain backups by omission. */
async function withDefaults(
  context: CommandContext,
  flags: NewFlags,
  document: PlanDocument,
): Promise<PlanDocument> {
  await checkKey(context, flags);
  const { keys } = await context.home.call(listKeysOperation, {}, { flags: planHome(flags) });
  const encrypts = flags.fromFile === undefined && keys.some((key) => key.current);
  const base = {
    id: document["id"],
    name: document["id"],
    ...(encrypts ? { encryptionKey: currentKey } : {}),
    ...document,
    ...(flags.disabled === true ? { enabled: false } : {}),
  };
  return changedDocument(base, flags, machineZone());
}

async function checkKey({ home }: CommandContext, flags: Flags): Promise<void> {
  const { key } = flags;
  if (key === undefined || key === currentKey) return;
  const { keys } = await home.call(listKeysOperation, {}, { flags: planHome(flags) });
  const known = keys.map((one) => ({ ...one, provenAt: one.provenAt ?? undefined }));
  findKey({ current: undefined, keys: known }, key);
}
