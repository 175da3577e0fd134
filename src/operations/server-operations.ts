import type { AnyOperation } from "./operation.ts";
import { deliverOwedOperation } from "./plans/deliver-owed.ts";
import { resumeRunOperation } from "./runs/resume-run.ts";

/** What a server does by itself and nobody can ask for. */
export const serverOperations: readonly AnyOperation[] = [resumeRunOperation, deliverOwedOperation];
