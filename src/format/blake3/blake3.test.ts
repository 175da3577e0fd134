import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Blake3, loadBlake3 } from "./blake3.ts";

const makeHasher = await loadBlake3();
const inputSize = 64 * 1024;
const pattern = Uint8Array.from({ length: 6 << 20 }, (_, at) => at % 251);
const runs = 100 * Number(process.env.SAFEHOUSE_TEST_LOOPS ?? 1);

/** The lengths of the official test vectors; digests by `blake3` 1.0.11 of PyPI, from the bytes i % 251. */
const vectors: readonly (readonly [length: number, digest: string])[] = [
  [0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"],
  [1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"],
  [2, "7b7015bb92cf0b318037702a6cdd81dee41224f734684c2c122cd6359cb1ee63"],
  [3, "e1be4d7a8ab5560aa4199eea339849ba8e293d55ca0a81006726d184519e647f"],
  [4, "f30f5ab28fe047904037f77b6da4fea1e27241c5d132638d8bedce9d40494f32"],
  [5, "b40b44dfd97e7a84a996a91af8b85188c66c126940ba7aad2e7ae6b385402aa2"],
  [6, "06c4e8ffb6872fad96f9aaca5eee1553eb62aed0ad7198cef42e87f6a616c844"],
  [7, "3f8770f387faad08faa9d8414e9f449ac68e6ff0417f673f602a646a891419fe"],
  [8, "2351207d04fc16ade43ccab08600939c7c1fa70a5c0aaca76063d04c3228eaeb"],
  [63, "e9bc37a594daad83be9470df7f7b3798297c3d834ce80ba85d6e207627b7db7b"],
  [64, "4eed7141ea4a5cd4b788606bd23f46e212af9cacebacdc7d1f4c6dc7f2511b98"],
  [65, "de1e5fa0be70df6d2be8fffd0e99ceaa8eb6e8c93a63f2d8d1c30ecb6b263dee"],
  [127, "d81293fda863f008c09e92fc382a81f5a0b4a1251cba1634016a0f86a6bd640d"],
  [128, "f17e570564b26578c33bb7f44643f539624b05df1a76c81f30acd548c44b45ef"],
  [129, "683aaae9f3c5ba37eaaf072aed0f9e30bac0865137bae68b1fde4ca2aebdcb12"],
  [1023, "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11"],
  [1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"],
  [1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"],
  [2048, "e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a"],
  [2049, "5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030"],
  [3072, "b98cb0ff3623be03326b373de6b9095218513e64f1ee2edd2525c7ad1e5cffd2"],
  [3073, "7124b49501012f81cc7f11ca069ec9226cecb8a2c850cfe644e327d22d3e1cd3"],
  [4096, "015094013f57a5277b59d8475c0501042c0b642e531b0a1c8f58d2163229e969"],
  [4097, "9b4052b38f1c5fc8b1f9ff7ac7b27cd242487b3d890d15c96a1c25b8aa0fb995"],
  [5120, "9cadc15fed8b5d854562b26a9536d9707cadeda9b143978f319ab34230535833"],
  [5121, "628bd2cb2004694adaab7bbd778a25df25c47b9d4155a55f8fbd79f2fe154cff"],
  [6144, "3e2e5b74e048f3add6d21faab3f83aa44d3b2278afb83b80b3c35164ebeca205"],
  [6145, "f1323a8631446cc50536a9f705ee5cb619424d46887f3c376c695b70e0f0507f"],
  [7168, "61da957ec2499a95d6b8023e2b0e604ec7f6b50e80a9678b89d2628e99ada77a"],
  [7169, "a003fc7a51754a9b3c7fae0367ab3d782dccf28855a03d435f8cfe74605e7817"],
  [8192, "aae792484c8efe4f19e2ca7d371d8c467ffb10748d8a5a1ae579948f718a2a63"],
  [8193, "bab6c09cb8ce8cf459261398d2e7aef35700bf488116ceb94a36d0f5f1b7bc3b"],
  [16384, "f875d6646de28985646f34ee13be9a576fd515f76b5b0a26bb324735041ddde4"],
  [31744, "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47"],
  [102400, "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085"],
];

/** Lengths around those of the input in the code's memory; origin and bytes as above. */
const longVectors: readonly (readonly [length: number, digest: string])[] = [
  [65535, "de7d0f4c044c56f56e0c5f7ab247be9491c4520e8688f0f0d25406f46fdfbd03"],
  [65536, "68d647e619a930e7b1082f74f334b0c65a315725569bdc123f0ee11881717bfe"],
  [65537, "7c99f9840a73dfcb6e5bfe4ff6d1558acab7e015640790c26411818bdbe17eca"],
  [66560, "ac803d7940a0bb6c8c8c2bd5235da72b3aa79af0738707c1fa7230714bdc9579"],
  [131072, "306baba93b1a393cbd35172837c98b0f59a41f64e1b2682ae102d8b2534b9e1c"],
  [131073, "f837d4254d24ba3d50fe3743d46e4af6db5f5d6ab0469197d94e7ba1e906c4d8"],
  [201735, "378b95a4c8e3c891890915a83afd4fad59aa0614424227b48f78ea76ede305cf"],
  [1048576, "74cb441fd087764ca9c3694da742ebe30cbeb3060a17009ca81825c7a8d10343"],
  [5322228, "a94c88ac13fc142a5d9c3c43fcd5f335e131a01357f5d9fee27c67a39459256c"],
];

test("gives the digests of the official implementation", () => {
  for (const [length, digest] of [...vectors, ...longVectors]) {
    assert.equal(hashOf(patternOf(length)), digest, `${length}`);
  }
});

test("gives them byte by byte and in odd chunks", () => {
  const hasher = makeHasher();
  for (const [length, digest] of vectors) {
    for (const step of [1, 63, 1025]) {
      updateInSteps(hasher, patternOf(length), step);
      assert.equal(hex(hasher.digest()), digest, `${length} by ${step}`);
    }
  }
});

test("a digest is the same however the message is cut", () => {
  const hasher = makeHasher();
  const size = fc.oneof(
    fc.nat(3 * inputSize),
    fc.nat(40).map((chunks) => chunks * 1024),
    fc.nat(3).map((inputs) => inputs * inputSize),
  );
  fc.assert(
    fc.property(fc.array(size, { maxLength: 6 }), (sizes) => {
      const message = patternOf(sizes.reduce((sum, next) => sum + next, 0));
      let at = 0;
      for (const length of sizes) hasher.update(message.subarray(at, (at += length)));
      assert.equal(hex(hasher.digest()), hashOf(message));
    }),
    { numRuns: runs },
  );
});

test("what a hasher did before leaves no trace in a digest", () => {
  const hasher = makeHasher();
  const lengths = fc.array(fc.nat(2 * inputSize), { minLength: 2, maxLength: 4 });
  fc.assert(
    fc.property(lengths, (messages) => {
      for (const length of messages) {
        hasher.update(patternOf(length));
        assert.equal(hex(hasher.digest()), hashOf(patternOf(length)));
      }
    }),
    { numRuns: runs },
  );
});

test("hashers do not disturb each other", () => {
  const [one, other] = [makeHasher(), makeHasher()];
  one.update(patternOf(5000));
  other.update(patternOf(70_000));
  assert.equal(hex(one.digest()), hashOf(patternOf(5000)));
  assert.equal(hex(other.digest()), hashOf(patternOf(70_000)));
});

test("a digest stays when the hasher goes on", () => {
  const hasher = makeHasher();
  const empty = hasher.digest();
  hasher.update(patternOf(1));
  hasher.digest();
  assert.equal(hex(empty), vectors[0]?.[1]);
});

/** By a hasher that has done nothing else. */
function hashOf(message: Uint8Array): string {
  const hasher = makeHasher();
  hasher.update(message);
  return hex(hasher.digest());
}

function updateInSteps(hasher: Blake3, message: Uint8Array, step: number): void {
  for (let at = 0; at < message.length; at += step) hasher.update(message.subarray(at, at + step));
}

/** The message of the official test vectors. */
function patternOf(length: number): Uint8Array {
  return pattern.subarray(0, length);
}

function hex(digest: Uint8Array): string {
  return Buffer.from(digest).toString("hex");
}
