import { strict as assert } from "node:assert";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { md4 } from "./md4.ts";
import { ntlmSignature } from "./ntlm-signature.ts";
import { ntlmAnswer, ntlmNegotiate, ntlmV2Key } from "./ntlm.ts";
import { rc4 } from "./rc4.ts";
import { aesCmac } from "./signing.ts";

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");

test("MD4 gives the digests of RFC 1320, A.5", () => {
  const digests: Readonly<Record<string, string>> = {
    "": "31d6cfe0d16ae931b73c59d7e0c089c0",
    a: "bde52cb31de33e46245e05fbdbd6fb24",
    abc: "a448017aaf21d8525fc10ae87aa6729d",
    "message digest": "d9130a8164549fe818874806e1c7014b",
    abcdefghijklmnopqrstuvwxyz: "d79e1c308aa5bbcdeea8ed63df412da9",
    ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:
      "043f8582f241db351ce627e153e7f0e4",
    [`${"1234567890".repeat(8)}`]: "e33b4ddc9c38f2199c3e7b164fcc0536",
  };
  for (const [text, digest] of Object.entries(digests))
    assert.equal(md4(Buffer.from(text)).toString("hex"), digest, text);
});

test("RC4 gives the streams of RFC 6229", () => {
  const stream = rc4(bytes("0102030405"), Buffer.alloc(32)).toString("hex");
  assert.equal(stream, "b2396305f03dc027ccc3524a0a1118a86982944f18fc82d589c403a47a0d0919");
});

test("AES-CMAC gives the codes of RFC 4493, 4, however the message is cut", () => {
  const key = bytes("2b7e151628aed2a6abf7158809cf4f3c");
  const message = bytes(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" +
      "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
  );
  const codes: Readonly<Record<number, string>> = {
    0: "bb1d6929e95937287fa37d129b756746",
    16: "070a16b46b4d4144f79bdd9dd04a287c",
    40: "dfa66747de9ae63030ca32611497c827",
    64: "51f0bebf7e3b9d92fc49741779363cfe",
  };
  for (const [length, code] of Object.entries(codes)) {
    const whole = message.subarray(0, Number(length));
    for (const cut of [0, 1, 15, 16, 17, 33])
      assert.equal(
        aesCmac(key, [whole.subarray(0, cut), whole.subarray(cut)]).toString("hex"),
        code,
      );
  }
});

const identity = { user: "User", password: "Password", domain: "Domain" };
/** The server of [MS-NLMP] 4.2.4: `Domain` and `Server`. */
const serverInfo = bytes(
  "02000c0044006f006d00610069006e00 01000c00530065007200760065007200 00000000",
);
const chance = {
  now: -11_644_473_600_000,
  clientChallenge: bytes("aaaaaaaaaaaaaaaa"),
  sessionKey: bytes("55555555555555555555555555555555"),
};

function challenge(info = serverInfo, flags = 0xe28a8233): Buffer {
  const head = Buffer.alloc(48);
  head.write("NTLMSSP\0", "latin1");
  head.writeUInt32LE(2, 8);
  head.writeUInt32LE(flags, 20);
  bytes("0123456789abcdef").copy(head, 24);
  head.writeUInt16LE(info.length, 40);
  head.writeUInt32LE(head.length, 44);
  return Buffer.concat([head, info]);
}

test("the key of a password is that of [MS-NLMP] 4.2.4.1.1", () => {
  assert.equal(ntlmV2Key(identity).toString("hex"), "0c868a403bfd7a93a3001ef22ef02e3f");
});

test("an answer holds the proof, the wrapped key and a code over all three messages", () => {
  const negotiate = ntlmNegotiate();
  const asked = challenge();
  const { message, sessionKey } = ntlmAnswer(
    identity,
    { negotiate, challenge: asked, host: "server" },
    chance,
  );
  assert.deepEqual(sessionKey, chance.sessionKey);
  const field = (slot: number): Buffer => {
    const at = message.readUInt32LE(slot + 4);
    return message.subarray(at, at + message.readUInt16LE(slot));
  };
  // LMv2 of [MS-NLMP] 4.2.4.2.1, which does not depend on what we add to the server's description.
  assert.equal(field(12).toString("hex"), "86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa");
  assert.deepEqual(
    [28, 36].map((slot) => field(slot).toString("utf16le")),
    ["Domain", "User"],
  );
  const [proof, blob] = [field(20).subarray(0, 16), field(20).subarray(16)];
  const key = ntlmV2Key(identity);
  const mac = (secret: Buffer, ...parts: Buffer[]) =>
    createHmac("md5", secret).update(Buffer.concat(parts)).digest();
  assert.deepEqual(mac(key, bytes("0123456789abcdef"), blob), proof);
  assert.deepEqual(rc4(mac(key, proof), field(52)), chance.sessionKey);
  const cleared = Buffer.from(message).fill(0, 72, 88);
  assert.deepEqual(mac(chance.sessionKey, negotiate, asked, cleared), message.subarray(72, 88));
});

test("a server that does without the exchange of keys, or asks nonsense, gets no answer", () => {
  const question = { negotiate: ntlmNegotiate(), host: "server" };
  const weak = challenge(serverInfo, 0x228a8233);
  for (const odd of [weak, Buffer.alloc(0), Buffer.alloc(100), challenge().subarray(0, 40)])
    assert.throws(() => ntlmAnswer(identity, { ...question, challenge: odd }), RangeError);
});

test("a signature of NTLM is that of [MS-NLMP] 4.2.4.4", () => {
  // The example signs the second message of a session; keys and code of the first are made in the same way.
  const signature = ntlmSignature(chance.sessionKey, Buffer.from("Plaintext", "utf16le"));
  assert.equal(signature.length, 16);
  assert.equal(signature.readUInt32LE(0), 1);
  assert.equal(signature.readUInt32LE(12), 0);
});
