import { readFileSync } from "node:fs";
import { Hono } from "hono";

/** The files of the page, by what follows `/ui/`; the build puts them beside the program. */
const files = [
  ["", new URL("./start-page.html", import.meta.url), "text/html; charset=utf-8"],
  ["start-page.css", new URL("./start-page.css", import.meta.url), "text/css; charset=utf-8"],
  ["start-page.js", new URL("./start-page.js", import.meta.url), "text/javascript; charset=utf-8"],
] as const;

/** The page at `/ui/`, where `/` leads. Everybody gets it; it holds nothing that is secret. */
export function pageRoutes(): Hono {
  const app = new Hono();
  for (const [name, file, type] of files) {
    const content = readFileSync(file, "utf8");
    app.get(`/ui/${name}`, (context) =>
      context.body(content, 200, { "Content-Type": type, "Cache-Control": "no-cache" }),
    );
  }
  // Relative, so that it also holds below the path of a proxy.
  app.get("/", (context) => context.redirect("ui/", 302));
  app.get("/ui", (context) => context.redirect("ui/", 302));
  return app;
}
