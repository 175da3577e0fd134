/** What has to be known to go on with an upload, also in another process. No secrets. */
export interface UploadState {
  /** Name of the upload's folder at the server. */
  readonly upload: string;
  readonly key: string;
  /** Bytes of the whole object. */
  readonly size: number;
  /** Bytes of each chunk but the last. */
  readonly chunk: number;
  /** True once the server was told to put the chunks together. */
  readonly isMoving: boolean;
  /** Version of the object that was to be replaced; null if there was none. */
  readonly replaced: string | null;
}

export function writeUploadState(state: UploadState): string {
  return JSON.stringify({ version: 1, ...state });
}

/** Undefined for whatever this version has not written. */
export function readUploadState(text: string | undefined): UploadState | undefined {
  const given = parsed(text ?? "");
  if (typeof given !== "object" || given === null) return undefined;
  const { version, ...rest } = given as Record<string, unknown>;
  return version === 1 && isState(rest) ? rest : undefined;
}

function isState(given: Record<string, unknown>): given is Record<string, unknown> & UploadState {
  const { upload, key, size, chunk, isMoving, replaced } = given;
  if (typeof upload !== "string" || !/^safehouse-[0-9a-f]{32}$/.test(upload)) return false;
  if (!isSize(size) || !isSize(chunk) || typeof isMoving !== "boolean") return false;
  return typeof key === "string" && (replaced === null || typeof replaced === "string");
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
