import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** For tests that need a certificate: whether to skip them. */
export const opensslIsAbsent = existsSync("/usr/bin/openssl") ? false : "absent: openssl";

/** In PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Makes a certificate that nobody has signed but itself. @param name of the server, such as `localhost` */
export function selfSigned(name: string): Certificate {
  const folder = mkdtempSync(join(tmpdir(), "safehouse-certificate-"));
  try {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
    const subject = ["-nodes", "-days", "2", "-subj", `/CN=${name}`];
    const names = ["-addext", `subjectAltName=DNS:${name}`];
    const files = ["-keyout", key, "-out", cert];
    execFileSync("openssl", [...args, ...subject, ...names, ...files], { stdio: "pipe" });
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
