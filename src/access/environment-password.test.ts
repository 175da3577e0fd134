import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { environmentPassword } from "./environment-password.ts";

test("the password comes from the variable, or from the first line of a file", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "safehouse-password-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "password");
  writeFileSync(path, "from the file\r\nanother line\n");
  assert.equal(await environmentPassword({}), undefined);
  assert.equal(await environmentPassword({ SAFEHOUSE_ACCESS_PASSWORD: "" }), undefined);
  assert.equal(await environmentPassword({ SAFEHOUSE_ACCESS_PASSWORD: "from here" }), "from here");
  assert.equal(
    await environmentPassword({ SAFEHOUSE_ACCESS_PASSWORD_FILE: path }),
    "from the file",
  );
  const both = { SAFEHOUSE_ACCESS_PASSWORD: "from here", SAFEHOUSE_ACCESS_PASSWORD_FILE: path };
  await assert.rejects(environmentPassword(both), { problem: "usage" });
  writeFileSync(path, "\n");
  await assert.rejects(environmentPassword({ SAFEHOUSE_ACCESS_PASSWORD_FILE: path }), {
    problem: "usage",
  });
  const absent = environmentPassword({ SAFEHOUSE_ACCESS_PASSWORD_FILE: join(folder, "none") });
  await assert.rejects(absent, { problem: "not-found", message: /none.*ENOENT/u });
});
