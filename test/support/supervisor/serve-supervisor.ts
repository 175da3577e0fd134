import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import type { MiddlewareHandler } from "hono";
import { HttpProblem } from "#api/http-problem.ts";
import type { SupervisorHome } from "#api/supervisor/supervisor-home.ts";
import { supervisorRoutes } from "#api/supervisor/supervisor-routes.ts";
import type { SupervisorScope } from "#api/supervisor/supervisor-api.ts";
import { SafehouseError } from "#core/model/problem.ts";

/** Tokens by what they are allowed to. */
export const tokens = { admin: "token-of-an-admin", read: "token-of-a-reader" } as const;

export interface SupervisorServer extends AsyncDisposable {
  /** `http://127.0.0.1:40123` */
  readonly url: string;
  /** What clients were not told. */
  readonly faults: readonly unknown[];
  /** Asks as an admin. */
  ask(path: string, init?: SimpleRequest): Promise<Response>;
  /** Asks as an admin for what is answered in an envelope. */
  call(method: string, path: string, body?: unknown): Promise<Envelope>;
}

type SimpleRequest = Omit<RequestInit, "headers"> & {
  readonly headers?: Readonly<Record<string, string>>;
  readonly duplex?: "half";
};

/** What an answer comes to. */
export interface Envelope {
  readonly status: number;
  readonly result: "ok" | "error";
  /** Empty with errors. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly message?: string;
  readonly job_id?: string;
  readonly error_key?: string;
  readonly extra_fields?: Readonly<Record<string, string>>;
}

/** Serves the Supervisor's API over a home on the loopback interface, as the program will do it. */
export async function serveSupervisor(home: SupervisorHome): Promise<SupervisorServer> {
  const faults: unknown[] = [];
  const onFault = (error: unknown): void => void faults.push(error);
  const app = new Hono();
  app.route("/", supervisorRoutes(home, { version: 1, requires, onFault }));
  app.route("/v2", supervisorRoutes(home, { version: 2, requires, onFault }));
  const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask: SupervisorServer["ask"] = (path, init = {}) =>
    fetch(url + path, {
      ...init,
      headers: { Authorization: `Bearer ${tokens.admin}`, ...init.headers },
    });
  return {
    url,
    faults,
    ask,
    async call(method, path, body) {
      const text = body === undefined ? {} : { body: JSON.stringify(body) };
      const response = await ask(path, { method, ...text });
      const envelope = (await response.json()) as Partial<Envelope> & Pick<Envelope, "result">;
      return { ...envelope, status: response.status, data: envelope.data ?? {} };
    },
    async [Symbol.asyncDispose]() {
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Stands for the program's own check of tokens, and refuses as that does. */
function requires(scope: SupervisorScope): MiddlewareHandler {
  return async ({ req }, next) => {
    const bearer = req.header("Authorization")?.split(" ").at(-1);
    const token = req.header("X-Supervisor-Token") ?? req.header("X-Hassio-Key") ?? bearer;
    if (token === undefined)
      throw new HttpProblem(
        { status: 401, headers: { "WWW-Authenticate": "Bearer" } },
        { problem: "denied", message: "You are not signed in" },
      );
    if (token !== tokens.admin && (token !== tokens.read || scope !== "read"))
      throw new SafehouseError("denied", `This token may not do what needs the scope ${scope}`);
    await next();
  };
}
