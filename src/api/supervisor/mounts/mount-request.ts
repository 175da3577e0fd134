import {
  integer,
  literal,
  maxValue,
  minValue,
  nullable,
  number,
  object,
  optional,
  picklist,
  pipe,
  regex,
  strictObject,
  transform,
  unknown,
  variant,
  type InferOutput,
} from "valibot";
import { OfficialError } from "../http/official-error.ts";
import { flag, text } from "../http/request-fields.ts";
import { mountingNotSupported } from "./mounting-not-supported.ts";
import type { MountWish } from "./mounts-port.ts";

const network = {
  name: pipe(text, regex(/^[A-Za-z0-9_]+$/, String.raw`does not match regular expression ^\w+$`)),
  usage: picklist(
    ["backup", "media", "share"],
    "value must be one of ['backup', 'media', 'share']",
  ),
  server: pipe(text, regex(/^[^\\/]/, String.raw`does not match regular expression ^[^\\\/]+`)),
  port: optional(
    pipe(
      number("expected int"),
      integer("expected int"),
      minValue(1, "value must be at least 1"),
      maxValue(65535, "value must be at most 65535"),
    ),
  ),
  read_only: optional(flag, false),
};

/** What `type` says decides; unknown keys are dropped, as clients send back what they were told. */
const mountRequest = variant(
  "type",
  [
    object({
      ...network,
      type: literal("cifs"),
      share: pipe(text, regex(/^[^\\/]/, String.raw`does not match regular expression ^[^\\\/]+`)),
      username: optional(text),
      password: optional(text),
      version: optional(nullable(picklist(["1.0", "2.0"], "expected MountCifsVersion"))),
    }),
    object({ ...network, type: literal("nfs"), path: text }),
  ],
  "value must be one of ['cifs', 'nfs']",
);

type MountRequest = InferOutput<typeof mountRequest>;

/** A new mount, or all of an existing one anew: its secrets too. */
export const newMountRequest = pipe(mountRequest, transform(wishOf));

/** The same with its name in the path: in the body it may be left out. @param name in the path */
export function replacedMountRequest(name: string) {
  const withName = transform((body: unknown) =>
    typeof body === "object" && body !== null ? { name, ...body } : body,
  );
  return pipe(unknown(), withName, newMountRequest);
}

export const mountOptionsRequest = strictObject({
  default_backup_mount: optional(nullable(text)),
});

/** Throws in official words where a place of that kind cannot be mounted here. */
function wishOf(request: MountRequest): MountWish {
  const { name, server, port, usage, read_only: readOnly } = request;
  if (usage !== "backup") throw mountingNotSupported("create_mount");
  if (readOnly) throw new OfficialError("Backup mounts cannot be read only");
  const place = { name, server, port };
  if (request.type === "nfs") return { ...place, type: "nfs", path: request.path };
  const { share, version } = request;
  return { ...place, type: "cifs", share, version: version ?? undefined, login: loginOf(request) };
}

function loginOf({ username, password }: Extract<MountRequest, { type: "cifs" }>) {
  if (username === undefined && password === undefined) return undefined;
  if (username !== undefined && password !== undefined) return { user: username, password };
  throw new OfficialError(
    "some but not all values in the same group of inclusion 'basic_auth' @ data[<basic_auth>]",
  );
}
