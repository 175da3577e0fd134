import { randomInt } from "node:crypto";
import {
  boolean,
  integer,
  maxLength,
  maxValue,
  minValue,
  number,
  object,
  optional,
  pipe,
  strictObject,
  string,
} from "valibot";
import { parseSharing } from "#core/sharing/parse-sharing.ts";
import { usualSambaPort } from "#core/sharing/sharing.ts";
import { defineOperation } from "../operation.ts";
import { describeSharing, sharingSchema } from "./sharing-schema.ts";

/** 32 of 62 characters hold 190 bits. */
const passwordLength = 32;
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

export const beginSambaOperation = defineOperation({
  id: "beginSamba",
  summary:
    "Share the folder of backups by Samba, read-only; a password that is made is told this once",
  method: "put",
  path: "/sharing/samba",
  scope: "admin",
  input: strictObject({
    /** 445 at first. */
    port: optional(pipe(number(), integer(), minValue(1), maxValue(65_535))),
    /** Address of the machine; all of them at first, and for an empty one. */
    address: optional(pipe(string(), maxLength(45))),
    /** Make another password; the one before opens nothing any more. */
    newPassword: optional(boolean(), false),
  }),
  output: object({
    ...sharingSchema.entries,
    /** Only if it was made just now. */
    password: optional(string()),
  }),
  async run({ port, address, newPassword }, context) {
    const store = context.services.sharing(context.place);
    const password = makePassword();
    let isMade = false;
    const sharing = await store.change((before) => {
      const { samba } = before;
      isMade = newPassword || samba?.password === undefined;
      const wanted = {
        port: port ?? samba?.port ?? usualSambaPort,
        address: address === undefined ? samba?.address : address || undefined,
        password: isMade ? store.seal(password) : samba?.password,
      };
      return parseSharing({ ...before, samba: wanted });
    });
    await context.share?.apply();
    return { ...describeSharing(sharing, context), ...(isMade ? { password } : {}) };
  },
});

function makePassword(): string {
  return Array.from({ length: passwordLength }, () =>
    alphabet.charAt(randomInt(alphabet.length)),
  ).join("");
}
