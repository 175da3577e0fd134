import type { PlanDocument } from "#jobs/plan-store-port.ts";
import type { PlanFlags } from "./plan-options.ts";
import { atMostOne } from "./at-most-one.ts";
import { fieldsOf, stated } from "./document-fields.ts";
import { changedLocations } from "./plan-locations.ts";
import { changedSchedule } from "./plan-schedule.ts";

/**
 * A plan's document with what flags say of it; everything else in it stays. What the flags make of it is
 * checked by whoever reads the document.
 * @param zone time zone of this machine, for what has none yet
 * @throws SafehouseError `usage` for flags that exclude each other
 */
export function changedDocument(
  document: PlanDocument,
  flags: PlanFlags,
  zone: string,
): PlanDocument {
  const schedule = changedSchedule(document["schedule"], flags, zone);
  const zoneBefore = flags.zone ?? fieldsOf(document["schedule"])["zone"] ?? zone;
  const ruleZone = schedule === undefined ? zoneBefore : undefined;
  return stated({
    ...document,
    name: flags.name ?? document["name"],
    selection: changedSelection(document["selection"], flags),
    schedule,
    catchUp: flags.catchUp ?? document["catchUp"],
    locations: changedLocations(document["locations"], flags, ruleZone),
    nameTemplate: flags.nameTemplate ?? document["nameTemplate"],
    encryptionKey: changedKey(document["encryptionKey"], flags),
    verify: flags.verify ?? document["verify"],
  });
}

function changedSelection(before: unknown, flags: PlanFlags): unknown {
  const { everything, include, except, database } = flags;
  atMostOne({ "--everything": everything, "--include": include });
  atMostOne({ "--except": except, "--include": include });
  const fields = fieldsOf(before);
  if (include !== undefined)
    return stated({
      ...fields,
      include,
      except: undefined,
      database: database ?? fields["database"],
    });
  const isNew = fields["include"] === undefined || everything === true;
  return stated({
    ...fields,
    include: isNew ? "everything" : fields["include"],
    except: except ?? (everything === true ? undefined : fields["except"]),
    database: database ?? fields["database"],
  });
}

function changedKey(before: unknown, { key, encryption }: PlanFlags): unknown {
  atMostOne({ "--key": key, "--no-encryption": encryption ? undefined : true });
  return encryption ? (key ?? before) : undefined;
}
