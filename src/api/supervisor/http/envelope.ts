import { SafehouseError } from "#core/model/problem.ts";
import { OfficialError, officialErrorOf } from "./official-error.ts";

/** Success as the Supervisor answers it. */
export function success(data: Readonly<Record<string, unknown>> = {}): Response {
  return Response.json({ result: "ok", data });
}

/**
 * A failure as the Supervisor answers it. Of what no person can act on nothing is told but that it happened.
 * @param onFault receives what is not told
 */
export function failure(error: unknown, onFault: (error: unknown) => void): Response {
  if (error instanceof OfficialError) return answer(error);
  if (error instanceof SafehouseError) return answer(officialErrorOf(error));
  onFault(error);
  return answer(
    new OfficialError(
      "An unknown error occurred during backup/restore. Check Supervisor logs for details",
      { status: 500, key: "backup_restore_unknown_error" },
    ),
  );
}

function answer({ message, status, details }: OfficialError): Response {
  const { jobId, key, fields, headers } = details;
  const body = { result: "error", message, job_id: jobId, error_key: key, extra_fields: fields };
  return Response.json(body, { status, ...(headers === undefined ? {} : { headers }) });
}
