import { PutObjectCommand } from "@aws-sdk/client-s3";
import { crc32Text, md5Text } from "./checksum.ts";
import type { S3Place } from "./place.ts";
import { withGuard, type Guard } from "./guard.ts";
import { objectInput, type UploadTarget } from "./upload-target.ts";

/** Stores a small object with one request. */
export async function putObject(
  place: S3Place,
  { target, bytes }: { readonly target: UploadTarget; readonly bytes: Uint8Array },
  signal: AbortSignal,
): Promise<void> {
  const { key, locked } = target;
  const input = { ...objectInput(place, target), ContentLength: bytes.length };
  place.connection.watch(bytes, target.sent);
  const put = (guard: Guard): Promise<void> =>
    place.ask(
      key,
      (client, options) =>
        place.dialect.speak(async ({ checksums, conditional }) => {
          const sum =
            checksums && !locked
              ? { ChecksumCRC32: crc32Text(bytes) }
              : { ContentMD5: md5Text(bytes) };
          const guarded = conditional ? guard : {};
          const command = new PutObjectCommand({ ...input, Body: bytes, ...sum, ...guarded });
          const answer = await client.send(command, options);
          if (answer.ChecksumCRC32 !== undefined) return;
          place.dialect.compareEtag(answer.ETag, sum.ContentMD5 ?? md5Text(bytes));
          if (sum.ContentMD5 === undefined) place.dialect.leaveChecksums();
        }),
      signal,
    );
  await withGuard(place, { target, work: put }, signal);
}
