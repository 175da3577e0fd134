import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { loops } from "#test/loops.ts";
import { byteRange } from "./byte-range.ts";
import { contentDisposition, downloadName } from "./download-name.ts";

test("a range is what the header says, as far as the file goes", () => {
  assert.deepEqual(byteRange("bytes=0-9", 100), { offset: 0, length: 10 });
  assert.deepEqual(byteRange("bytes=90-", 100), { offset: 90, length: 10 });
  assert.deepEqual(byteRange("bytes=90-1000", 100), { offset: 90, length: 10 });
  assert.deepEqual(byteRange("bytes=-10", 100), { offset: 90, length: 10 });
  assert.deepEqual(byteRange("bytes=-1000", 100), { offset: 0, length: 100 });
});

test("a range outside of the file is none", () => {
  assert.equal(byteRange("bytes=100-", 100), "none");
  assert.equal(byteRange("bytes=-0", 100), "none");
  assert.equal(byteRange("bytes=0-", 0), "none");
});

test("what is not understood gives the whole file", () => {
  for (const header of ["", "bytes=", "bytes=-", "bytes=5-2", "bytes=0-1,4-5", "lines=1-2"])
    assert.equal(byteRange(header, 100), undefined, header);
});

test("a range lies within the file", () => {
  const part = fc.option(fc.nat(300), { nil: "" });
  fc.assert(
    fc.property(part, part, fc.nat(200), (first, last, size) => {
      const range = byteRange(`bytes=${first}-${last}`, size);
      if (range === undefined || range === "none") return;
      assert.ok(range.offset >= 0 && range.length >= 1 && range.offset + range.length <= size);
    }),
    { numRuns: loops(500) },
  );
});

test("a download is called as its file, or as the backup where that is only called by its slug", () => {
  const backup = { slug: "7fed74c8", name: "Vor dem Umzug: alles!" };
  assert.equal(downloadName("Nightly.tar", backup), "Nightly.tar");
  assert.equal(downloadName("7fed74c8.tar", backup), "Vor_dem_Umzug_alles_.tar");
});

test("no name of a file breaks out of the header", () => {
  const unusual = 'a "b"\r\nSet-Cookie: x\\ü🙂%.tar';
  const header = contentDisposition(unusual);
  assert.doesNotMatch(header, /[\r\n]/);
  assert.match(header, /^attachment; filename="[^"\\]*"; filename\*=UTF-8''[A-Za-z0-9%._~!*-]+$/);
  assert.equal(decodeURIComponent(header.split("''")[1] ?? ""), unusual);
  assert.equal(contentDisposition("a b.tar"), 'attachment; filename="a b.tar"');
});
