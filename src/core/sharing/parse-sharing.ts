import { JsonFields, readText, refuse } from "../json-fields.ts";
import type { SambaSharing, Sharing } from "./sharing.ts";

/** Reads the setting `sharing`; undefined stands for nothing allowed and nothing shared. Throws `usage`. */
export function parseSharing(value: unknown): Sharing {
  const fields = new JsonFields(value ?? {}, "sharing", ["webdavOverHttp", "samba"]);
  return {
    webdavOverHttp: fields.flag("webdavOverHttp", false),
    samba: fields.optional("samba", readSamba),
  };
}

function readSamba(value: unknown, path: string): SambaSharing {
  const fields = new JsonFields(value, path, ["port", "address", "password"]);
  return {
    port: fields.value("port", readPort),
    address: fields.optional("address", readAddress),
    password: fields.optional("password", readText),
  };
}

function readPort(value: unknown, path: string): number {
  const isPort = typeof value === "number" && Number.isInteger(value) && value > 0;
  return isPort && value <= 65_535 ? value : refuse(path, "a port from 1 to 65535");
}

/** It stands in a file of settings of another program, where it must mean nothing else. */
function readAddress(value: unknown, path: string): string {
  const address = readText(value, path);
  return /^[0-9A-Fa-f.:]{2,45}$/.test(address) ? address : refuse(path, "an IP address");
}
