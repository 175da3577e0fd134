import type { RunOwner } from "#core/model/run.ts";
import type { Clock } from "#core/ports.ts";
import type { Run } from "#core/model/run.ts";
import type { RunJournal } from "../run-journal-port.ts";

/** What looking after runs works with. */
export interface RunTools {
  readonly journal: RunJournal;
  /** Id of the home. */
  readonly home: string;
  readonly clock: Clock;
  readonly processes: Processes;
  readonly startTimer: StartTimer;
  /** A number from 0 up to, but not including, 1. */
  readonly random: () => number;
  /** A new id of a run: 32 hexadecimal digits. */
  readonly newId: () => string;
  readonly lookAfterDeath: LookAfterDeath;
  /** True while a server looks after the home: it goes on with runs whose process has died. */
  readonly hasServer: () => boolean;
  /** Receives a sentence about something that a person should know and that stops nothing. */
  readonly notice: (sentence: string) => void;
}

/** Calls back once after that time; the result takes it back. */
export type StartTimer = (milliseconds: number, callback: () => void) => () => void;

/** The processes of this machine. */
export interface Processes {
  readonly self: RunOwner;
  /** `unknown`: it counts its processes where we cannot look, as another container does. */
  lifeOf(owner: RunOwner): "alive" | "dead" | "unknown";
}

/** Removes what the dead owner of a run has left at its locations, and looks what is there. */
export type LookAfterDeath = (run: Run) => Promise<Aftermath>;

export interface Aftermath {
  /** The archive is there where it was made: it appears whole or not at all. */
  readonly made: boolean;
  /** By location: what became of the leftovers, as the end of a sentence: "its leftovers were removed". */
  readonly texts: Readonly<Record<string, string>>;
}
