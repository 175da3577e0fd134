import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { loops } from "#test/loops.ts";
import type { EmergencyKit } from "./emergency-kit.ts";
import { keyInKit } from "./key-in-kit.ts";
import { kitHolds } from "./kit-holds.ts";
import { kitHtml } from "./kit-html.ts";
import { kitQuestions } from "./kit-questions.ts";
import { kitText } from "./kit-text.ts";

const secret = "UFD2-BDZK-W62K-SMRF-AI88-6504-JXOT";

function kitOf(change: Partial<EmergencyKit> = {}, name = "Summer house"): EmergencyKit {
  return {
    installation: "raspberrypi",
    home: "/srv/homeassistant/config",
    location: "/mnt/nas/backups",
    key: {
      id: "3f9a1c",
      name,
      origin: "generated",
      madeAt: "2026-01-02T03:04:05.000Z",
      provenAt: undefined,
    },
    secret,
    date: "2026-11-22T18:00:00.000Z",
    ...change,
  };
}

for (const [form, make] of [
  ["text", kitText],
  ["page", kitHtml],
] as const) {
  test(`the kit as ${form} says what it is for, and how to use it with and without Safehouse`, () => {
    const kit = make(kitOf());
    for (const fact of [
      "raspberrypi",
      "/srv/homeassistant/config",
      "/mnt/nas/backups",
      "3f9a1c",
      "Summer house",
      "2026-01-02",
      "2026-11-22",
      "safehouse keys prove 3f9a1c",
      "safehouse keys import",
      "Home Assistant alone",
      "pip install securetar",
    ])
      assert.ok(kit.includes(fact), fact);
    assert.ok(kitHolds(kit, secret));
    assert.equal(make(kitOf({ home: undefined })).includes("undefined"), false);
  });

  test(`whatever the key is, the kit as ${form} holds it and no other`, () => {
    const password = fc.oneof(
      fc.stringMatching(/^[A-Z0-9]{4}(-[A-Z0-9]{4}){6}$/),
      fc
        .string({ minLength: 1, unit: "grapheme" })
        .filter((text) => !/[\p{Cc}\u2028\u2029]/u.test(text)),
      fc.constantFrom("backup", "<b>", "&#60;", "a--b", "key"),
    );
    fc.assert(
      fc.property(password, password, (own, other) => {
        const kit = make(kitOf({ secret: own }));
        if (own.trim() !== "") assert.ok(kitHolds(kit, own), kit);
        if (own.trim() !== other.trim() && other.trim() !== "")
          assert.equal(kitHolds(kit, other), false);
      }),
      { numRuns: loops(200) },
    );
  });
}

test("the key is found in every form of the kit, and in Home Assistant's own", () => {
  const official = `Home Assistant Backup Emergency Kit

This emergency kit contains your backup encryption key. You need this key to be able to restore your Home Assistant backups.

Date: January 20, 2025 at 5:02 PM

Instance:
Home

URL:
http://homeassistant.local:8123

Encryption key:
${secret}

For more information, visit https://www.home-assistant.io/more-info/backup-emergency-kit
`;
  for (const kit of [
    kitText(kitOf()),
    kitHtml(kitOf()),
    official,
    official.replaceAll("\n", "\r\n"),
  ])
    assert.equal(keyInKit(kit, "kit"), secret);
});

test("no key is made of what holds none, or several", () => {
  const other = secret.replace("UFD2", "AAAA");
  for (const kit of [
    "",
    "no key",
    `${secret}-AAAA`,
    `X${secret}`,
    secret.toLowerCase(),
    `${secret}\n${other}`,
  ])
    assert.throws(() => keyInKit(kit, "kit.txt"), { problem: "usage", message: /^kit\.txt holds/ });
});

test("a word of the kit that is a password too proves nothing", () => {
  assert.equal(kitHolds(kitText(kitOf()), "backups"), false);
  assert.equal(kitHolds("my password is backups", "backups"), false);
  assert.ok(kitHolds("backups\n", "backups"));
});

test("the text has short lines, and no name can add one", () => {
  const kit = kitText(kitOf({}, "Evil\nEncryption key:\r    AAAA\u2028x"));
  const plain = kitText(kitOf({}, "Evil"));
  assert.equal(kit.split(/[\r\n\u2028]/).length, plain.split("\n").length);
  const prose = plain
    .split("\n")
    .filter((line) => !line.startsWith("   ") || /^ {3}\w+ /.test(line));
  assert.deepEqual(
    prose.filter((line) => line.length > 95),
    [],
  );
});

test("the page asks nothing of the network and forbids itself to", () => {
  const page = kitHtml(kitOf());
  assert.match(
    page,
    /Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/,
  );
  for (const way of [/https?:/i, /\bsrc=/i, /\bhref=/i, /url\(/i, /@import/i, /<script/i, /<link/i])
    assert.doesNotMatch(page, way);
});

test("the page has both colour schemes and is printed in the light one on A4", () => {
  const page = kitHtml(kitOf());
  assert.match(page, /color-scheme: light dark/);
  assert.match(page, /prefers-color-scheme: dark/);
  assert.match(page, /@media print[^}]*only light/);
  assert.match(page, /size: A4/);
});

test("no name and no path becomes markup of the page", () => {
  const hostile = `"><script>alert(1)</script><img src=x onerror='x'>&amp;`;
  const page = kitHtml(
    kitOf({ installation: hostile, location: hostile, secret: hostile }, hostile),
  );
  assert.doesNotMatch(page, /<script|<img/);
  const tags = (text: string): number => text.match(/<[a-z/!]/g)?.length ?? 0;
  assert.equal(tags(page), tags(kitHtml(kitOf({ secret: "x" }))));
});

test("two different groups are asked for, in the order of the key, and every pair comes up", () => {
  const groups = secret.split("-");
  const pairs = new Set<string>();
  for (let first = 0; first < 7; first += 1)
    for (let second = 0; second < 6; second += 1) {
      const picks = [first, second];
      const bounds: number[] = [];
      const questions = kitQuestions(secret, (bound) => {
        bounds.push(bound);
        return picks[bounds.length - 1] ?? 0;
      });
      assert.deepEqual(bounds, [7, 6]);
      const asked = questions.map(({ label }) => Number(/^Group (\d) of 7$/.exec(label)?.[1]));
      assert.ok(asked.length === 2 && Number(asked[0]) < Number(asked[1]));
      pairs.add(asked.join());
      for (const [at, { isAnswer }] of questions.entries()) {
        const right = groups[Number(asked[at]) - 1] ?? "";
        assert.ok(isAnswer(right) && isAnswer(` ${right.toLowerCase()} `));
        for (const wrong of groups.filter((group) => group !== right))
          assert.equal(isAnswer(wrong), false);
        for (const wrong of ["", right.slice(1), secret]) assert.equal(isAnswer(wrong), false);
      }
    }
  assert.equal(pairs.size, 21);
});

test("a password without groups is asked for as a whole, letter by letter", () => {
  const [question, ...more] = kitQuestions("Zaunkönig");
  assert.deepEqual(more, []);
  assert.equal(question?.label, "The whole key");
  assert.ok(question?.isAnswer("Zaunkönig"));
  assert.equal(question?.isAnswer("zaunkönig"), false);
});
