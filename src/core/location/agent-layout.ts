/**
 * How Home Assistant's own backup agent for a kind of place describes each archive there: it lists nothing but
 * descriptions. Read from the agents of 2025.3 to 2026.7 (`homeassistant/components/<agent>/backup.py`).
 */
export type AgentLayout =
  /** `webdav`, `aws_s3`, `cloudflare_r2`, `idrive_e2`: `NAME.metadata.json`. They work `NAME.tar` out of what it says. */
  | { readonly kind: "beside" }
  /** `backblaze_b2`: `NAME.metadata.json`, with an envelope, for `NAME.tar`. */
  | { readonly kind: "enveloped" }
  /** `sftp_storage`: `.SLUG.metadata.json`, which says where the archive lies. */
  | {
      readonly kind: "hidden";
      /** Absolute path of the place; undefined where it is not known. The agent takes relative paths from the place. */
      readonly folder: string | undefined;
    };
