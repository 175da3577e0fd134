import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import fc from "fast-check";
import { SafehouseError } from "#core/model/problem.ts";
import { loops } from "#test/loops.ts";
import { FirstPart } from "./first-part.ts";
import { boundaryOf } from "./uploaded-file.ts";

/** Reads a body that comes in the given pieces; rejects as the parser does. */
function read(boundary: string, pieces: readonly Uint8Array[]): Buffer {
  const part = new FirstPart(boundary);
  const content = pieces.flatMap((piece) => part.push(piece)).map((bytes) => Buffer.from(bytes));
  part.end();
  return Buffer.concat(content);
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let position = 0;
  for (let index = 0; position < bytes.length; index += 1) {
    const size = sizes.length === 0 ? bytes.length : (sizes[index % sizes.length] ?? 1);
    pieces.push(bytes.subarray(position, position + size));
    position += size;
  }
  return pieces;
}

const boundary = fc.stringMatching(/^[A-Za-z0-9'()+_,./:=?-]{1,40}$/);

/** Content that likes to look like the delimiter. */
const content = (name: string) =>
  fc
    .array(
      fc.oneof(
        fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
        fc
          .constantFrom("\r", "\n", "\r\n", "--", "\r\n--", `--${name}`, name.slice(0, -1))
          .map((text) => Buffer.from(text, "latin1")),
      ),
    )
    .map((pieces) => Buffer.concat(pieces));

/** A body with a file in it, however its writer likes to put it. */
const body = boundary.chain((name) =>
  fc
    .record({
      content: content(name),
      lineEnd: fc.constantFrom("\r\n", "\n"),
      preamble: fc.constantFrom("", "This is a message in several parts.", "--", `--${name}x`),
      padding: fc.constantFrom("", " ", " \t "),
      headers: fc.subarray([
        "Content-Disposition: form-data",
        'Content-Disposition: form-data; name="file"; filename="backup.tar"',
        "Content-Type: application/octet-stream",
      ]),
      after: fc.constantFrom("", "further part"),
    })
    .map(({ lineEnd: end, preamble, padding, headers, after, ...rest }) => {
      const delimiter = `--${name}`;
      const opening = `${preamble === "" ? "" : `${preamble}${end}`}${delimiter}${padding}${end}`;
      const head = `${opening}${headers.map((header) => header + end).join("")}${end}`;
      const tail =
        after === ""
          ? `${end}${delimiter}--${end}`
          : `${end}${delimiter}${padding}${end}${end}${after}${end}${delimiter}--`;
      return {
        name,
        end,
        head: Buffer.from(head, "latin1"),
        tail: Buffer.from(tail, "latin1"),
        ...rest,
      };
    })
    // A boundary that occurs in the content is the writer's mistake, and nobody can tell.
    .filter(({ content: bytes, end, tail }) => {
      const delimiter = Buffer.from(`${end}--${name}`, "latin1");
      const all = Buffer.concat([Buffer.from(end), bytes, tail]);
      return all.indexOf(delimiter) === end.length + bytes.length;
    }),
);

const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 12 });

describe("the first part of a multipart body", () => {
  test("is read byte for byte, in whatever pieces it comes and whatever it looks like", () => {
    fc.assert(
      fc.property(body, sizes, ({ name, head, content: bytes, tail }, pieces) => {
        const whole = Buffer.concat([head, bytes, tail]);
        assert.deepEqual(read(name, cut(whole, pieces)), bytes);
      }),
      { numRuns: loops(2000) },
    );
  });

  test("is never taken for whole if the body ends early", () => {
    fc.assert(
      fc.property(
        body,
        sizes,
        fc.nat(),
        ({ name, end, head, content: bytes, tail }, pieces, cutAt) => {
          const enough = head.length + bytes.length + `${end}--${name}`.length + 2;
          const short = Buffer.concat([head, bytes, tail]).subarray(0, cutAt % enough);
          assert.throws(
            () => read(name, cut(short, pieces)),
            (error) => error instanceof SafehouseError && error.problem === "truncated",
          );
        },
      ),
      { numRuns: loops(2000) },
    );
  });

  test("needs no header at all", () => {
    assert.equal(read("b", [Buffer.from("--b\r\n\r\ncontent\r\n--b--")]).toString(), "content");
  });

  test("keeps a line that only begins like the delimiter", () => {
    const text = "--b\r\n\r\none\r\n--bb\r\n--b-\r\ntwo\r\n--b--\r\n";
    assert.equal(read("b", [Buffer.from(text)]).toString(), "one\r\n--bb\r\n--b-\r\ntwo");
  });

  test("may be empty", () => {
    assert.equal(read("b", [Buffer.from("--b\r\nA: 1\r\n\r\n\r\n--b--")]).length, 0);
  });

  test("is given up before much is held if there is no delimiter", () => {
    const part = new FirstPart("b");
    const zeros = Buffer.alloc(30_000);
    assert.throws(() => Array.from({ length: 4 }, () => part.push(zeros)), /no multipart body/);
  });

  test("is handed on as it comes, but for what may be a delimiter", () => {
    const part = new FirstPart("boundary");
    part.push(Buffer.from("--boundary\r\n\r\n"));
    const handed = part.push(Buffer.alloc(100_000)).reduce((sum, { length }) => sum + length, 0);
    assert.ok(handed >= 100_000 - 20);
  });
});

describe("the boundary", () => {
  test("is read from every form of the header", () => {
    assert.equal(boundaryOf("multipart/form-data; boundary=abc"), "abc");
    assert.equal(boundaryOf('Multipart/Form-Data; charset=utf-8; Boundary="a b:c"'), "a b:c");
    assert.equal(boundaryOf(String.raw`multipart/mixed;boundary="a\"b";x=y`), 'a"b');
  });

  test("is missed in anything else", () => {
    for (const type of ["", "application/tar", "multipart/form-data", "text/plain; boundary=a"])
      assert.throws(() => boundaryOf(type), /has to be a multipart/);
  });
});
