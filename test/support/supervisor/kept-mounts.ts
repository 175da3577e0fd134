import type {
  KeptMount,
  MountListing,
  MountWish,
  SupervisorMounts,
} from "#api/supervisor/mounts/mounts-port.ts";
import { SafehouseError } from "#core/model/problem.ts";

/** Mounts that are kept with what they were made with. Servers whose names begin with `dead` do not answer. */
export class KeptMounts implements SupervisorMounts {
  readonly wishes = new Map<string, MountWish>();
  #default: string | undefined;

  async list(): Promise<MountListing> {
    const mounts = [...this.wishes.values()].map((wish): KeptMount => {
      const state = isDead(wish) ? "failed" : "active";
      if (wish.type === "nfs") return { ...wish, state };
      const { login: _, ...place } = wish;
      return { ...place, state };
    });
    return { defaultMount: this.#default, mounts };
  }

  async create(mount: MountWish): Promise<void> {
    refuseDead(mount);
    this.wishes.set(mount.name, mount);
    this.#default ??= mount.name;
  }

  async replace(mount: MountWish): Promise<void> {
    refuseDead(mount);
    this.wishes.set(mount.name, mount);
  }

  async remove(name: string): Promise<void> {
    this.wishes.delete(name);
    if (this.#default === name) this.#default = undefined;
  }

  async reload(name: string): Promise<void> {
    const mount = this.wishes.get(name);
    if (mount !== undefined) refuseDead(mount);
  }

  async setDefault(name: string | undefined): Promise<void> {
    this.#default = name;
  }
}

function isDead({ server }: MountWish): boolean {
  return server.startsWith("dead");
}

function refuseDead(mount: MountWish): void {
  if (!isDead(mount)) return;
  throw new SafehouseError("unreachable", `${mount.server} does not answer`, {
    advice: "Check that it is switched on",
  });
}
