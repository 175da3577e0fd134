import type { CatalogEntry } from "../catalog.ts";

export const s3Entry: CatalogEntry = {
  kind: "s3",
  title: "S3 (AWS, MinIO, R2, B2 …)",
  fields: [
    { name: "bucket", title: "the bucket, which has to be there", type: "text" },
    { name: "prefix", title: "folder in it", type: "text" },
    { name: "endpoint", title: "address of the server; none for AWS", type: "text" },
    { name: "region", title: "its region; found out if not given", type: "text" },
    { name: "accessKeyId", title: "access key", type: "text" },
    { name: "secretAccessKey", title: "secret key", type: "text", secret: true },
    { name: "sessionToken", title: "token of keys for a time", type: "text", secret: true },
    { name: "pathStyle", title: "the bucket comes behind the host, not before it", type: "flag" },
    { name: "storageClass", title: "class of storage for archives", type: "text" },
    { name: "lockMode", title: "governance or compliance, with lockDays", type: "text" },
    { name: "lockDays", title: "days for which nobody can remove an archive", type: "number" },
    { name: "certificate", title: "certificate to trust, in PEM", type: "lines" },
    { name: "partSize", title: "mebibytes of one part of an upload", type: "number" },
  ],
  where: ({ bucket, prefix, endpoint }) =>
    `${[bucket, prefix].filter(Boolean).join("/")} at ${String(endpoint ?? "AWS")}`,
  async *diagnose(settings, signal) {
    const { diagnoseS3 } = await import("../s3/diagnose.ts");
    const { parseS3Settings } = await import("../s3/settings.ts");
    yield* diagnoseS3(parseS3Settings(settings), signal);
  },
  // At Backblaze Home Assistant has an agent of its own, by another protocol.
  agentLayout: ({ endpoint = "" }) =>
    /\.backblazeb2\.com\.?(?:[:/]|$)/i.test(String(endpoint))
      ? { kind: "enveloped" }
      : { kind: "beside" },
  async open(settings) {
    const { S3Storage } = await import("../s3/provider.ts");
    const { parseS3Settings } = await import("../s3/settings.ts");
    return new S3Storage(parseS3Settings(settings));
  },
};
