import { StorageError, type StorageProblem } from "../errors.ts";

/**
 * Why an export could not be mounted, by what `mount.nfs` has said.
 * Source: the messages of nfs-utils, utils/mount/error.c.
 */
export function mountError(source: string, said: string): StorageError {
  const known = causes.find(({ words }) => words.test(said));
  const { problem, why } = known ?? {
    problem: "unreachable" as const,
    why: said.split("\n").at(-1) ?? "it was not said why",
  };
  return new StorageError(problem, `${source} could not be mounted: ${why}`);
}

interface Cause {
  readonly words: RegExp;
  readonly problem: StorageProblem;
  readonly why: string;
}

const causes: readonly Cause[] = [
  {
    words: /access denied by server|Permission denied/u,
    problem: "denied",
    why: "the server does not let this machine in; add its address to the export there",
  },
  {
    words: /unknown filesystem type|No such device|not supported by the (kernel|system)/u,
    problem: "unsupported",
    why: "this system has no NFS",
  },
  {
    words: /must be superuser|Operation not permitted|only root/iu,
    problem: "denied",
    why: "only root may mount; mount it by /etc/fstab and add its folder as a location of kind local",
  },
  {
    words: /Protocol not supported|requested NFS version or transport/u,
    problem: "unsupported",
    why: "the server does not speak this version of NFS; set another version",
  },
  {
    words: /No such file or directory|does not exist/u,
    problem: "not-found",
    why: "the server has no such export",
  },
  {
    words: /Failed to resolve|Name or service not known|Temporary failure in name/u,
    problem: "unreachable",
    why: "no address is known for the server",
  },
  {
    words: /Connection refused/u,
    problem: "unreachable",
    why: "nothing answers there as an NFS server",
  },
  {
    words: /timed out|No route to host|Network is unreachable/u,
    problem: "unreachable",
    why: "the server does not answer",
  },
];
