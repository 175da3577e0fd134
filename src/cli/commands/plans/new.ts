import type { Command } from "commander";
import { currentKey } from "#core/model/plan.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { findKey } from "#keys/find-key.ts";
import type { HomePlan } from "#core/plan/home-plan.ts";
import type { HomePlans } from "#jobs/plan/home-plans.ts";
import type { PlanDocument } from "#jobs/plan-store-port.ts";
import type { CommandContext, CommandRunner, CommonFlags } from "../../command-context.ts";
import { readDocument } from "../../input/read-document.ts";
import { addExamples, collect } from "../options.ts";
import { describeNow } from "./describe.ts";
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
  runner.attach<NewFlags>(command, async (context, flags, [id]) => {
    const given = flags.fromFile === undefined ? {} : await planInFile(context, flags.fromFile);
    const document = await withDefaults(context, flags, { ...given, ...namedAs(given, id) });
    const plans = context.services.plans(planHome(flags));
    const { plan } = await plans.store.add(document);
    await printPlan(context, plans, { plan, verb: "Made" });
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
  runner.attach<Flags>(command, async (context, flags, [id = ""]) => {
    const given =
      flags.fromFile === undefined ? undefined : await planInFile(context, flags.fromFile);
    await checkKey(context, flags);
    const plans = context.services.plans(planHome(flags));
    const { plan } = await plans.store.change(id, (document) =>
      changedDocument(
        given === undefined ? document : { ...given, ...namedAs(given, id) },
        flags,
        machineZone(),
      ),
    );
    await printPlan(context, plans, { plan, verb: "Changed" });
  });
}

/** `--location` names locations of a plan here, and not a folder of this machine. */
function planHome({ dataDir }: CommonFlags): CommonFlags {
  return dataDir === undefined ? {} : { dataDir };
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
  const { current } = await context.services.keyRing(planHome(flags)).read();
  const encrypts = flags.fromFile === undefined && current !== undefined;
  const base = {
    id: document["id"],
    name: document["id"],
    ...(encrypts ? { encryptionKey: currentKey } : {}),
    ...document,
    ...(flags.disabled === true ? { enabled: false } : {}),
  };
  return changedDocument(base, flags, machineZone());
}

async function checkKey({ services }: CommandContext, flags: Flags): Promise<void> {
  const { key } = flags;
  if (key === undefined || key === currentKey) return;
  findKey(await services.keyRing(planHome(flags)).read(), key);
}

async function printPlan(
  context: CommandContext,
  plans: HomePlans,
  { plan, verb }: { readonly plan: HomePlan; readonly verb: string },
): Promise<void> {
  const { console } = context;
  const described = await describeNow(plans, plan, { console, count: 1 });
  await context.print({ json: described, text: `${verb} plan ${plan.id}\n${planText(described)}` });
}
