import { GetObjectLockConfigurationCommand } from "@aws-sdk/client-s3";
import { StorageError } from "../errors.ts";
import type { S3Place } from "./place.ts";
import { failureOf } from "./s3-error.ts";

/** Whether objects of the bucket can be locked; undefined if the server does not tell us. */
export async function bucketLocks(
  place: Pick<S3Place, "ask" | "bucket">,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const command = new GetObjectLockConfigurationCommand({ Bucket: place.bucket });
  try {
    const { ObjectLockConfiguration: found } = await place.ask(
      undefined,
      (client, options) => client.send(command, options),
      signal,
    );
    return found?.ObjectLockEnabled === "Enabled";
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    const code = failureOf(error.cause)?.code ?? "";
    if (code.startsWith("ObjectLockConfigurationNotFound")) return false;
    if (error.problem === "denied" || error.problem === "unsupported") return undefined;
    throw error;
  }
}
