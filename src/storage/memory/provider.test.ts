import { strict as assert } from "node:assert";
import { test } from "node:test";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { content, rejectsWith } from "../contract/objects.ts";
import { MemoryStorage } from "./provider.ts";

for (const patch of ["seek", "parts", "none"] as const) {
  keepsStorageContract(`memory with patch ${patch}`, async () => new MemoryStorage({ patch }));
}

test("a full memory refuses with both numbers", async () => {
  const { signal } = new AbortController();
  const storage = new MemoryStorage({ capacity: 10 });
  await storage.write("a", content("12345"), signal);
  await rejectsWith(storage.write("b", content("123456"), signal), "full");
  await assert.rejects(storage.write("b", content("123456"), signal), {
    facts: { neededBytes: 6, freeBytes: 5 },
  });
});
