import { once } from "node:events";
import { request, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { createServer as createSecureServer, request as secureRequest } from "node:https";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { accessTools, type AccessTools } from "#access/access-tools.ts";
import type { AccessEnv } from "#api/access/access-env.ts";
import { accessGuard } from "#api/access/access-guard.ts";
import { accessRoutes } from "#api/access/access-routes.ts";
import { requires } from "#api/access/requires.ts";
import { problemResponse } from "#api/problem-document.ts";
import { AccessFile } from "#state/access-file.ts";
import { openState } from "#state/open-state.ts";
import { ManualTime } from "./manual-time.ts";
import { JsonValue } from "./safehouse.ts";

export interface AccessServerOptions {
  /** Where Home Assistant's ingress is said to be. */
  readonly ingress?: string;
  readonly hostNames?: readonly string[];
  readonly proxies?: readonly string[];
  /** PEM; then HTTPS is spoken. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer };
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** Sent as it is in place of `json`. */
  readonly body?: string;
  /** From which of this machine's addresses; all of 127.0.0.0/8 are. */
  readonly from?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: JsonValue;
  /** The cookie that was set, as a browser sends it back. */
  readonly cookie: string;
}

/**
 * A server of access alone, on a free port of loopback, with a route for each scope. Its time passes by hand.
 */
export class AccessServer implements AsyncDisposable {
  readonly dataDirectory = mkdtempSync(join(tmpdir(), "safehouse-access-"));
  readonly time = new ManualTime();
  readonly faults: unknown[] = [];
  readonly tools: AccessTools;
  readonly #state;
  readonly #server;
  readonly #secure: boolean;

  private constructor({ tls, ingress, hostNames = [], proxies = [] }: AccessServerOptions) {
    const { clock } = this.time;
    const { dataDirectory } = this;
    const report = (error: unknown): void => void this.faults.push(error);
    this.#state = openState({ dataDirectory, clock, notice: report });
    const store = new AccessFile(dataDirectory, "home", this.#state);
    this.tools = accessTools({ store, clock, stopwatch: clock, report });
    const app = new Hono<AccessEnv>();
    app.onError((error) => problemResponse(error, (_, fault) => report(fault)));
    const guard = { tools: this.tools, hostNames, proxies };
    app.use(
      accessGuard(ingress === undefined ? guard : { ...guard, ingress: { address: ingress } }),
    );
    app.route("/api/v1/access", accessRoutes(this.tools));
    app.get("/read", requires("read"), (context) => context.json(context.var.identity));
    app.post("/backup", requires("backup"), (context) => context.json({}));
    app.post("/restore", requires("restore", { inSetUp: true }), (context) => context.json({}));
    app.post("/admin", requires("admin"), (context) => context.json({}));
    this.#secure = tls !== undefined;
    const { fetch } = app;
    const place = { fetch, port: 0, hostname: "127.0.0.1" };
    this.#server = serve(
      tls === undefined
        ? place
        : { ...place, createServer: createSecureServer, serverOptions: tls },
    );
  }

  static async open(options: AccessServerOptions = {}): Promise<AccessServer> {
    const server = new AccessServer(options);
    await once(server.#server, "listening");
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("It does not listen");
    return address.port;
  }

  /** Headers that a browser sends along from our own page. */
  get ownPage(): Readonly<Record<string, string>> {
    return { Origin: `http${this.#secure ? "s" : ""}://127.0.0.1:${this.port}` };
  }

  async ask(path: string, asked: Ask = {}): Promise<Answer> {
    const body = asked.body ?? (asked.json === undefined ? undefined : JSON.stringify(asked.json));
    const content = asked.json === undefined ? {} : { "Content-Type": "application/json" };
    const sent = (this.#secure ? secureRequest : request)({
      host: "127.0.0.1",
      port: this.port,
      path,
      method: asked.method ?? (body === undefined ? "GET" : "POST"),
      headers: { ...content, ...asked.headers },
      localAddress: asked.from ?? "127.0.0.1",
      rejectUnauthorized: false,
      agent: false,
    });
    sent.end(body);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    return answerOf(response);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await once(this.#server, "close");
    this.#state[Symbol.dispose]();
    rmSync(this.dataDirectory, { recursive: true });
  }
}

async function answerOf(response: IncomingMessage): Promise<Answer> {
  const { statusCode: status = 0, headers } = response;
  const content = await text(response);
  const isJson = /json/u.test(headers["content-type"] ?? "");
  const json = new JsonValue(isJson ? JSON.parse(content) : undefined);
  const cookie = headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
  return { status, headers, text: content, json, cookie };
}
