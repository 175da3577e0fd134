import { strict as assert } from "node:assert";
import { test } from "node:test";
import { findKind } from "../catalog.ts";
import { parseS3Settings } from "./settings.ts";

const needed = { bucket: "home", accessKeyId: "key", secretAccessKey: "secret" };
const mebibyte = 1024 * 1024;

test("a bucket and two keys are enough, and lead to AWS", () => {
  const settings = parseS3Settings({ ...needed, prefix: "", region: " " });
  assert.equal(settings.endpoint, undefined);
  assert.equal(settings.pathStyle, false);
  assert.equal(settings.region, undefined);
  assert.equal(settings.likelyRegion, "us-east-1");
  assert.equal(settings.prefix, "");
  assert.equal(settings.partBytes, undefined);
  assert.equal(parseS3Settings({ ...needed, partSize: 16 }).partBytes, 16 * mebibyte);
});

test("an endpoint may be written with or without https, and is asked with the bucket in the path", () => {
  for (const endpoint of ["nas.local:9000", "https://nas.local:9000", "https://nas.local:9000/"]) {
    const settings = parseS3Settings({ ...needed, endpoint });
    assert.equal(settings.endpoint?.origin, "https://nas.local:9000");
    assert.equal(settings.pathStyle, true);
  }
  const http = parseS3Settings({ ...needed, endpoint: "http://[::1]:9000", pathStyle: false });
  assert.equal(http.endpoint?.origin, "http://[::1]:9000");
  assert.equal(http.pathStyle, false);
});

test("the region is taken from the names of hosts that tell it", () => {
  const hosts = [
    ["s3.us-west-004.backblazeb2.com", "us-west-004"],
    ["s3.eu-central-1.wasabisys.com", "eu-central-1"],
    ["s3.eu-central-003.backblazeb2.com", "eu-central-003"],
    ["s3.de-fra-1.example.cloud", "de-fra-1"],
    ["s3.ap-southeast-1.amazonaws.com", "ap-southeast-1"],
    ["0123abcd.r2.cloudflarestorage.com", "auto"],
    ["0123abcd.eu.r2.cloudflarestorage.com", "auto"],
    ["s3.wasabisys.com", "us-east-1"],
    ["nas.local", "us-east-1"],
    ["192.168.1.5", "us-east-1"],
  ] as const;
  for (const [endpoint, region] of hosts) {
    assert.equal(parseS3Settings({ ...needed, endpoint }).likelyRegion, region, endpoint);
  }
  const settings = parseS3Settings({ ...needed, endpoint: hosts[0][0], region: "elsewhere" });
  assert.equal(settings.likelyRegion, "elsewhere");
});

test("a prefix is a folder, however its slashes are written", () => {
  for (const prefix of ["a/b ü", "/a/b ü/", "a/b ü/", "//a/b ü"]) {
    assert.equal(parseS3Settings({ ...needed, prefix }).prefix, "a/b ü/");
  }
});

test("wrong settings are refused, and no secret is in the text", () => {
  const wrong = [
    undefined,
    {},
    { ...needed, bucket: "" },
    { ...needed, bucket: "a/b" },
    { ...needed, secretAccessKey: "" },
    { ...needed, accessKeyId: 1 },
    { ...needed, prefix: "a/../b" },
    { ...needed, endpoint: "ftp://host" },
    { ...needed, endpoint: "https://me:password@host" },
    { ...needed, endpoint: "https://host/bucket" },
    { ...needed, endpoint: "https://" },
    { ...needed, pathStyle: "yes" },
    { ...needed, partSize: 4 },
    { ...needed, partSize: 8.5 },
    { ...needed, lockMode: "forever", lockDays: 3 },
    { ...needed, lockMode: "governance" },
    { ...needed, lockDays: 3 },
    { ...needed, lockMode: "governance", lockDays: 0 },
    { ...needed, certificate: "no certificate" },
  ];
  for (const settings of wrong) {
    assert.throws(
      () => parseS3Settings(settings),
      (error: Error & { problem?: string }) => {
        assert.equal(error.problem, "usage");
        assert.doesNotMatch(error.message, /secret$|password@/);
        return true;
      },
      JSON.stringify(settings),
    );
  }
});

test("where a bucket is can be told without any secret", () => {
  const kind = findKind("s3");
  assert.equal(
    kind.where({ ...needed, prefix: "backups", endpoint: "nas.local:9000" }),
    "home/backups at nas.local:9000",
  );
  assert.equal(kind.where(needed), "home at AWS");
  const secrets = kind.fields.filter(({ secret }) => secret === true).map(({ name }) => name);
  assert.deepEqual(secrets, ["secretAccessKey", "sessionToken"]);
});
