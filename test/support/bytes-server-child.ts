import { serve } from "@hono/node-server";
import { bytesApp } from "./bytes-app.ts";

/** Started by `BytesServer`; tells its port on standard output. */
const { app } = bytesApp(process.env, console.error);
const { fetch } = app;
const port = Number(process.env["SAFEHOUSE_PORT"]);
serve({ fetch, port, hostname: "127.0.0.1", overrideGlobalObjects: false }, (address) => {
  process.stdout.write(`${address.port}\n`);
});
