import { SafehouseError } from "#core/model/problem.ts";

/**
 * Address of a server that speaks S3, as people write it: with or without `https://` and port. Undefined for none, which is
 * AWS. Throws `usage`.
 */
export function parseEndpoint(given: string | undefined): URL | undefined {
  if (given === undefined) return undefined;
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `https://${given}`);
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw usage(`endpoint has to be an address such as https://s3.example.com, not "${given}"`);
  }
  if (url.username !== "" || url.password !== "") {
    throw usage(
      "endpoint must not hold a password: there are accessKeyId and secretAccessKey for it",
    );
  }
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw usage(
      "endpoint ends behind the host and the port: bucket and prefix are settings of their own",
    );
  }
  return url;
}

/**
 * The region that the host's name tells, as at Backblaze B2 (`s3.us-west-004.backblazeb2.com`), Wasabi, Scaleway and others;
 * R2 calls all of it `auto`.
 */
export function regionInHost(endpoint: URL | undefined): string | undefined {
  const host = endpoint?.hostname ?? "";
  if (host.endsWith(".r2.cloudflarestorage.com")) return "auto";
  return /^s3[.-]([a-z]+(?:-[a-z0-9]+)*-[a-z0-9]*\d+)\.[a-z0-9-]+\.[a-z.]+$/.exec(host)?.[1];
}

function usage(message: string): SafehouseError {
  return new SafehouseError("usage", message, { subject: "endpoint" });
}
