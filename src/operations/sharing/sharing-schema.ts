import { boolean, number, object, optional, string, type InferOutput } from "valibot";
import { shareName, shareUser, type Sharing } from "#core/sharing/sharing.ts";
import type { HomeContext } from "../home-context.ts";

export const sharingSchema = object({
  /** WebDAV answers other machines over plain HTTP, too. */
  webdavOverHttp: boolean(),
  /** Absent while there is no share. */
  samba: optional(
    object({
      port: number(),
      /** Address of the machine; absent for all of them. */
      address: optional(string()),
      /** Name of the share, and of the user that it lets in. */
      share: string(),
      user: string(),
      /** It can be opened right now; absent where no server tells. */
      running: optional(boolean()),
      /** Why it cannot. */
      message: optional(string()),
      advice: optional(string()),
    }),
  ),
});

/** As it comes over the wire. */
export type SharingDocument = InferOutput<typeof sharingSchema>;

/** What is shared, for people; nothing of it is secret. */
export function describeSharing(
  { webdavOverHttp, samba }: Sharing,
  { share }: Pick<HomeContext, "share">,
): SharingDocument {
  if (samba === undefined) return { webdavOverHttp };
  const state = share?.state();
  const problem = state?.problem;
  return {
    webdavOverHttp,
    samba: {
      port: samba.port,
      ...(samba.address === undefined ? {} : { address: samba.address }),
      share: shareName,
      user: shareUser,
      ...(state === undefined ? {} : { running: state.running }),
      ...(problem === undefined ? {} : { message: problem.message }),
      ...(problem?.advice === undefined ? {} : { advice: problem.advice }),
    },
  };
}
