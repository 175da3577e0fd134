import { StorageError } from "../errors.ts";
import type { StorageErrorDetails, StorageProblem } from "../errors.ts";

/**
 * What rclone said as a `StorageError`. rclone has few codes of its own: it hands on what servers and libraries say, so
 * it is told by its words. The order counts: what is more particular comes first.
 * @param subject what was asked for: a key, or what the place is called
 */
export function rcloneError(
  said: string,
  subject: string,
  details: StorageErrorDetails = {},
): StorageError {
  const found = meanings.find(({ words }) => words.test(said));
  const { problem, text } = found ?? { problem: "unreachable", text: "rclone failed" };
  const quote = withoutSecrets(said);
  const message = `${subject}: ${text}${quote === "" ? "" : ` (rclone says: ${quote})`}`;
  return new StorageError(problem, message, details);
}

/** The last words that tell why rclone ended, or failed at something that it answers nothing for. */
export function lastReason(log: string): string {
  const lines = log
    .split("\n")
    .map((line) => line.replace(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /, "").trim())
    .filter((line) => line !== "" && !line.startsWith("NOTICE: Serving remote control"));
  const critical = lines.findLast((line) => /^(CRITICAL|Failed|Fatal)/.test(line));
  return critical ?? lines.at(-1) ?? "";
}

/** One line, not too long, without what stands behind addresses: signatures and tokens. */
function withoutSecrets(said: string): string {
  const line = said
    .replaceAll(/\s+/g, " ")
    .replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']*@/gi, "$1")
    .replaceAll(/\b(https?:\/\/[^\s?"']*)\?[^\s"']*/gi, "$1")
    .replaceAll(/\b(bearer|basic) [\w.~+/=-]{8,}/gi, "$1 …")
    .replaceAll(
      /("?(?:access_token|refresh_token|client_secret|password)"?\s*[:=]\s*"?)[^"\s,}]+/gi,
      "$1…",
    )
    .trim();
  return line.length <= longestQuote ? line : `${line.slice(0, longestQuote)}…`;
}

const longestQuote = 300;

interface Meaning {
  readonly words: RegExp;
  readonly problem: StorageProblem;
  readonly text: string;
}

const meanings: readonly Meaning[] = [
  {
    words:
      /decrypt configuration|configuration password|wrong password.*config|RCLONE_CONFIG_PASS/i,
    problem: "sign-in",
    text: "rclone's configuration is encrypted, and its password is missing or wrong",
  },
  {
    words: /didn't find section in config file|didn't find backend called|unknown remote/i,
    problem: "unsupported",
    text: "rclone's configuration has no such remote, or this rclone does not know its kind",
  },
  {
    words:
      /rate.?limit|too many requests|too_many_requests|too_many_write|slow ?down\b|\b429\b|activityLimitReached|throttl|queries per (minute|second)|\b423\b|\bLocked\b/i,
    problem: "busy",
    text: "the place is busy",
  },
  {
    words:
      /no space left|disk quota|quota ?(limit|exceeded|reached|used)|QuotaExceeded|insufficient.?(storage|space|quota)|storage.?(limit|full)|not enough (free )?space|over.?quota|quotaLimitReached|disk full|\b507\b|out of space|No free space/i,
    problem: "full",
    text: "there is no room left, or the quota is used up",
  },
  {
    words:
      /invalid_grant|invalid_client|invalid_token|token (has )?(been )?(expired|revoked)|expired_access_token|couldn't fetch token|cannot fetch token|empty token|InvalidAuthenticationToken|oauth2: |unauthorized|\b401\b|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|AuthFailure|InvalidToken|unable to authenticate|login (incorrect|failed)|\b530\b|LOGON_FAILURE|logon is invalid|bad username|authentication failed|password.*incorrect/i,
    problem: "sign-in",
    text: "the place does not accept the sign-in in rclone's configuration, or it has expired",
  },
  {
    words:
      /failed to authenticate decrypted block|corrupted on transfer|hash(es)? differ|not an encrypted file|sizes differ|bad magic/i,
    problem: "damaged",
    text: "the bytes are not those that were meant",
  },
  {
    words: /read.?only file ?system|is read.?only|EROFS|can't (write|upload).*read.?only/i,
    problem: "read-only",
    text: "the place is read-only",
  },
  {
    words: /x509:|certificate|knownhosts: |host key/i,
    problem: "denied",
    text: "the server is not the one that is trusted",
  },
  {
    words:
      /object not found|directory not found|file does not exist|no such file|no such (key|bucket)|NoSuchKey|NoSuchBucket|is a directory not a file|\b404\b/i,
    problem: "not-found",
    text: "no such object",
  },
  {
    words:
      /permission denied|access.?denied|forbidden|\b403\b|insufficient.*(permission|scope)|not permitted|PERMISSION_DENIED|unauthori[sz]ed operation/i,
    problem: "denied",
    text: "no permission",
  },
  {
    words: /EntityTooLarge|file too large|maximum (file )?size|\b413\b|too_large|exceeds.*size/i,
    problem: "too-large",
    text: "too large for this place",
  },
  {
    words:
      /name too long|invalid (file ?)?name|illegal (file ?)?name|couldn't find method|unknown flag|not supported|doesn't support|not implemented/i,
    problem: "unsupported",
    text: "the place cannot do this",
  },
  {
    words: /\b503\b|service unavailable|\bbusy\b/i,
    problem: "busy",
    text: "the place is busy",
  },
  {
    words:
      /connection (refused|reset|lost|closed)|closed (network )?connection|no such host|i\/o timeout|timed? ?out|unreachable|no route to host|\bEOF\b|broken pipe|handshake|deadline exceeded|server misbehaving|couldn't connect|dial tcp|\b5\d\d\b/i,
    problem: "unreachable",
    text: "the place cannot be reached",
  },
];
