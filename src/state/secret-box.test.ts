import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { test } from "node:test";
import fc from "fast-check";
import { loops } from "#test/loops.ts";
import { SecretBox } from "./secret-box.ts";

const module = JSON.stringify(import.meta.resolve("./secret-box.ts"));

function withFolder(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "safehouse-secrets-"));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function problemOf(work: () => unknown): { problem: unknown; shown: string } {
  try {
    work();
  } catch (error) {
    return { problem: Reflect.get(Object(error), "problem"), shown: inspect(error, { depth: 9 }) };
  }
  return { problem: undefined, shown: "" };
}

test("what is sealed comes back for its purpose and for no other", () => {
  withFolder((folder) => {
    const text = fc.string({ unit: "grapheme" });
    const property = fc.property(text, text, text, (secret, purpose, other) => {
      const sealed = new SecretBox(folder).seal(secret, purpose);
      assert.equal(new SecretBox(folder).open(sealed, purpose), secret);
      if (other !== purpose)
        assert.throws(() => new SecretBox(folder).open(sealed, other), { problem: "damaged" });
    });
    fc.assert(property, { numRuns: loops(100) });
  });
});

test("any change to a sealed secret is noticed, and tells nothing of it", () => {
  withFolder((folder) => {
    const box = new SecretBox(folder);
    const sealed = box.seal("UFD2-BDZK-W62K", "test");
    for (let at = 0; at < sealed.length; at += 1) {
      for (const change of ["A", "B", "_", "=", "é", " ", ""]) {
        if (sealed[at] === change) continue;
        const changed = sealed.slice(0, at) + change + sealed.slice(at + 1);
        const { problem, shown } = problemOf(() => box.open(changed, "test"));
        assert.equal(problem, "damaged", changed);
        assert.doesNotMatch(shown, /BDZK/);
      }
    }
    for (const [from, to] of [
      [0, 20],
      [5, 40],
      [0, -1],
    ] as const)
      assert.throws(() => box.open(sealed.slice(from, to), "test"), { problem: "damaged" });
    assert.throws(() => box.open(`${sealed}A`, "test"), { problem: "damaged" });
  });
});

test("any change to the key file is noticed", () => {
  withFolder((folder) => {
    const box = new SecretBox(folder);
    const sealed = box.seal("secret", "test");
    const path = join(folder, "secret.key");
    const key = readFileSync(path);
    for (let bit = 0; bit < key.length * 8; bit += 1) {
      const changed = Buffer.from(key);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      writeFileSync(path, changed);
      assert.throws(() => box.open(sealed, "test"), { problem: "damaged" });
    }
  });
});

test("the same secret is sealed differently each time", () => {
  withFolder((folder) => {
    const box = new SecretBox(folder);
    const sealed = Array.from({ length: 50 }, () => box.seal("secret", "test"));
    assert.equal(new Set(sealed).size, sealed.length);
  });
});

test("the key file is for its owner alone, and made once", () => {
  withFolder((folder) => {
    new SecretBox(folder).seal("one", "test");
    const path = join(folder, "secret.key");
    const key = readFileSync(path);
    assert.equal(key.length, 32);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    new SecretBox(folder).seal("two", "test");
    assert.deepEqual(readFileSync(path), key);
    assert.deepEqual(readdirSync(folder), ["secret.key"]);
  });
});

test("opening never makes a key file", () => {
  withFolder((folder) => {
    assert.throws(() => new SecretBox(folder).open("sealed-1:AAAA", "test"), {
      problem: "not-found",
    });
    assert.deepEqual(readdirSync(folder), []);
  });
});

test("a key file that is gone while secrets are there is told, and no new one is made", () => {
  withFolder((folder) => {
    const box = new SecretBox(folder);
    writeFileSync(join(folder, "any.json"), JSON.stringify({ token: box.seal("secret", "test") }));
    rmSync(join(folder, "secret.key"));
    for (const work of [() => box.seal("new", "test"), () => box.open("sealed-1:AAAA", "test")])
      assert.throws(work, { problem: "not-found", advice: /Put the file back/ });
    assert.equal(existsSync(join(folder, "secret.key")), false);
  });
});

test("a damaged key file is told and never replaced", () => {
  withFolder((folder) => {
    const path = join(folder, "secret.key");
    for (const length of [0, 31, 33, 100]) {
      writeFileSync(path, Buffer.alloc(length, 7));
      assert.throws(() => new SecretBox(folder).seal("new", "test"), { problem: "damaged" });
      assert.equal(readFileSync(path).length, length);
    }
  });
});

test("processes that need the key at once agree on one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "safehouse-secrets-"));
  try {
    const program = `
      const { SecretBox } = await import(${module});
      console.log(new SecretBox(${JSON.stringify(folder)}).seal("secret", "test"));`;
    const children = Array.from({ length: 4 }, () => {
      const child = spawn(process.execPath, ["--input-type=module", "-e", program]);
      const pieces: Buffer[] = [];
      child.stdout.on("data", (bytes: Buffer) => pieces.push(bytes));
      return once(child, "close").then(() => Buffer.concat(pieces).toString().trim());
    });
    const box = new SecretBox(folder);
    for (const sealed of await Promise.all(children))
      assert.equal(box.open(sealed, "test"), "secret");
    assert.deepEqual(readdirSync(folder), ["secret.key"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
