import type { Hono } from "hono";
import { SafehouseError } from "#core/model/problem.ts";
import { success } from "../http/envelope.ts";
import { OfficialError, sentenceOf } from "../http/official-error.ts";
import { mountingNotSupported, type MountMethod } from "./mounting-not-supported.ts";
import { readBody } from "../http/request-body.ts";
import type { SupervisorApi } from "../supervisor-api.ts";
import { mountAnswer } from "./mount-answer.ts";
import { mountOptionsRequest, newMountRequest, replacedMountRequest } from "./mount-request.ts";
import type { KeptMount, SupervisorMounts } from "./mounts-port.ts";

/** Network places that backups go to. */
export function addMountRoutes(app: Hono, { home, requires }: SupervisorApi): void {
  const { mounts } = home;

  app.get("/mounts", requires("read"), async () => {
    const { defaultMount, mounts: kept } = await mounts.list();
    return success({ default_backup_mount: defaultMount ?? null, mounts: kept.map(mountAnswer) });
  });

  app.post("/mounts", requires("admin"), async (context) => {
    const wish = await readBody(context.req.raw, newMountRequest);
    if (await isKept(mounts, wish.name))
      throw new OfficialError(`A mount already exists with name ${wish.name}`);
    await mounting(wish.name, "create_mount", mounts.create(wish));
    return success();
  });

  app.post("/mounts/options", requires("admin"), async (context) => {
    const { default_backup_mount: name } = await readBody(context.req.raw, mountOptionsRequest);
    if (name !== undefined && name !== null) await find(mounts, name);
    if (name !== undefined) await mounts.setDefault(name ?? undefined);
    return success();
  });

  app.put("/mounts/:name", requires("admin"), async (context) => {
    const { name } = await find(mounts, context.req.param("name"));
    const wish = await readBody(context.req.raw, replacedMountRequest(name));
    if (wish.name !== name)
      throw new OfficialError(`not a valid value for dictionary value @ data['name']`);
    await mounting(name, "create_mount", mounts.replace(wish));
    return success();
  });

  app.delete("/mounts/:name", requires("admin"), async (context) => {
    await mounts.remove((await find(mounts, context.req.param("name"))).name);
    return success();
  });

  app.post("/mounts/:name/reload", requires("admin"), async (context) => {
    const { name } = await find(mounts, context.req.param("name"));
    await mounting(name, "reload_mount", mounts.reload(name));
    return success();
  });
}

async function isKept(mounts: SupervisorMounts, name: string): Promise<boolean> {
  return (await mounts.list()).mounts.some((mount) => mount.name === name);
}

async function find(mounts: SupervisorMounts, name: string): Promise<KeptMount> {
  const found = (await mounts.list()).mounts.find((mount) => mount.name === name);
  if (found === undefined)
    throw new OfficialError(`No mount exists with name ${name}`, { status: 404 });
  return found;
}

async function mounting(name: string, method: MountMethod, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof SafehouseError)) throw error;
    if (error.problem === "unsupported") throw mountingNotSupported(method);
    throw new OfficialError(`Could not mount ${name} due to: ${sentenceOf(error)}`);
  }
}
