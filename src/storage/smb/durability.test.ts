import { strict as assert } from "node:assert";
import { test } from "node:test";
import { noSamba, SambaServer } from "#test/places/samba.ts";
import { content } from "../contract/objects.ts";
import { SmbStorage } from "./provider.ts";
import { parseSmbSettings } from "./settings.ts";

const { signal } = new AbortController();

test(
  "an object is on the server's disk before it has its name, and its name before it counts as written",
  { skip: noSamba },
  async (context) => {
    const server = await SambaServer.start({ global: ["log level = 10"] });
    context.after(() => server.end());
    const storage = new SmbStorage(parseSmbSettings(server.settings));
    await storage.write("x.tar", content("x"), signal);
    await storage.write("x.tar", { ...content("y"), overwrite: true }, signal);
    // The server is killed in the end, so what it has said is whole only when it serves the next request.
    await storage.stat("x.tar", signal);
    const said = /smbd_smb2_flush: (\S+) - fnum|(?:doing hard link|doing rename on) (\S+ -> \S+)/gu;
    const order = Array.from(server.said.matchAll(said), ([, flushed, named]) =>
      (flushed ?? named ?? "").replace(/\.safehouse-[0-9a-f]{12}-smb\.tmp/u, "unfinished"),
    );
    const once = ["unfinished", "unfinished -> x.tar", "."];
    assert.deepEqual(order, [...once, ...once]);
  },
);
