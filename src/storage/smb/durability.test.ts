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
    const server = await SambaServer.start({
      share: [
        "vfs objects = full_audit",
        "full_audit:success = fsync_send renameat",
        "full_audit:failure = none",
        "full_audit:syslog = false",
        "full_audit:prefix = audited",
      ],
    });
    context.after(() => server.end());
    const storage = new SmbStorage(parseSmbSettings(server.settings));
    await storage.write("x.tar", content("x"), signal);
    const order = Array.from(
      server.said.matchAll(/audited\|(fsync_send|renameat)\|ok\|(.*)$/gmu),
      ([, what, which]) => [what, which],
    );
    assert.deepEqual(
      order.map(([what]) => what),
      ["fsync_send", "renameat", "fsync_send"],
      server.said,
    );
    assert.match(order[1]?.[1] ?? "", /-smb\.tmp\|.*x\.tar/u);
  },
);
