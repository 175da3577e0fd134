import { join } from "node:path";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { HttpProblem } from "#api/http-problem.ts";
import { homeRoutes } from "#api/home-routes.ts";
import { problemResponse } from "#api/problem-document.ts";
import { LocalServices } from "../../src/app/local-services.ts";
import { processes } from "../../src/app/processes.ts";
import { openTerminal } from "../../src/app/terminal.ts";
import { RunDesk } from "#jobs/runs/run-desk.ts";
import { replaceFile } from "#state/replace-file.ts";

const token = "token-of-the-server";
using terminal = openTerminal();
await using services = new LocalServices(terminal);
await using desk = new RunDesk();
const app = new Hono();
app.onError((error) =>
  problemResponse(services.translateError(error), (reference, fault) =>
    terminal.err(`${reference} ${String(fault)}\n`),
  ),
);
const refused = { problem: "denied", message: "No token" } as const;
const routes = homeRoutes(
  {
    homeFor: (signal) => ({ services, place: {}, desk, signal }),
    requires: () => async (context, next) => {
      if (context.req.header("Authorization") !== `Bearer ${token}`)
        throw new HttpProblem({ status: 401 }, refused);
      await next();
    },
  },
  services.version,
);
app.route("/", routes);
const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => {
  const url = `http://127.0.0.1:${port}`;
  const record = { version: 1, url, token, ...processes.self };
  replaceFile(join(process.env["SAFEHOUSE_DATA"] ?? "", "server.json"), JSON.stringify(record));
  terminal.err("listens\n");
});
await new Promise((resolve) => terminal.signal.addEventListener("abort", resolve));
server.close();
