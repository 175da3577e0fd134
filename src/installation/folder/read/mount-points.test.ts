import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMountInfo } from "./mount-points.ts";

test("reads mount points with blanks, backslashes and bytes that are not UTF-8", () => {
  const text =
    "36 35 98:0 / /mnt/a\\040b rw,noatime master:1 - ext3 /dev/root rw\n37 35 98:0 / /c\\134d rw - ext3 x rw\n38 35 98:0 / /e\xff rw - ext3 x rw\n";
  assert.deepEqual(parseMountInfo(Buffer.from(text, "latin1")), ["/mnt/a b", "/c\\d", "/e\udcff"]);
});
