import type { SharingDocument } from "#operations/sharing/sharing-schema.ts";
import { printable } from "../../output/table.ts";

/** How the files are shared, for people. */
export function sharingText({ webdavOverHttp, samba }: SharingDocument): string {
  const over = webdavOverHttp ? "HTTPS and plain HTTP" : "HTTPS, and plain HTTP on this machine";
  return [
    `WebDAV   /dav/backups/ and /dav/inbox/ of the server, over ${over}\n`,
    `Samba    ${samba === undefined ? "not shared" : sambaText(samba)}\n`,
  ].join("");
}

function sambaText({
  share,
  user,
  port,
  running,
  message,
}: NonNullable<SharingDocument["samba"]>): string {
  const what = `share ${share} for user ${user} at port ${port}`;
  if (running === true) return what;
  if (running === undefined) return `${what}, while a server runs`;
  return `${what}, but it cannot be opened${message === undefined ? "" : `: ${printable(message)}`}`;
}
