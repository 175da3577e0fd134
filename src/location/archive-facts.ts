import type { Problem } from "#core/model/problem.ts";
import type { FolderName } from "#core/model/part.ts";

/**
 * What the outer tar headers and `backup.json` of one archive say. Plain data: it is kept as JSON.
 * Whoever changes its shape or what is found counts `archiveFactsVersion` up.
 */
export interface ArchiveFacts {
  /** As stored; 8 hexadecimal digits in every archive of a known writer. */
  readonly slug: string;
  readonly name: string;
  /** As stored; an ISO date-time in every known writer. */
  readonly date: string;
  readonly type: "full" | "partial";
  readonly protected: boolean;
  readonly compressed: boolean;
  /** Bytes of the archive. */
  readonly size: number;
  /** Undefined if the backup holds no Home Assistant. */
  readonly homeassistant: HomeAssistantFacts | undefined;
  readonly folders: readonly FolderFacts[];
  readonly addons: readonly AddonFacts[];
  readonly extra: Readonly<Record<string, unknown>>;
  /** What is wrong with the archive; empty if nothing was seen, which is no proof. */
  readonly problems: readonly ArchiveProblem[];
}

export interface HomeAssistantFacts {
  readonly version: string | undefined;
  readonly databaseIncluded: boolean;
  /** Bytes of the inner archive; 0 if it is not there. */
  readonly size: number;
}

export interface FolderFacts {
  readonly name: FolderName;
  /** Bytes of the inner archive; 0 if it is not there. */
  readonly size: number;
}

export interface AddonFacts {
  readonly slug: string;
  readonly name: string;
  readonly version: string;
  /** Bytes of the inner archive; 0 if it is not there. */
  readonly size: number;
}

export interface ArchiveProblem {
  readonly problem: Problem;
  /** A sentence without full stop. */
  readonly message: string;
}

/** Remembered facts of another version are read anew. */
export const archiveFactsVersion = 1;
