import { strict as assert } from "node:assert";
import { test } from "node:test";
import { addressGroup, plainAddress } from "./address-group.ts";

test("an IPv4 address counts for itself, in whatever form it comes", () => {
  for (const form of ["192.0.2.1", "::ffff:192.0.2.1", "::FFFF:c000:0201"])
    assert.equal(addressGroup(form), "192.0.2.1");
  assert.notEqual(addressGroup("192.0.2.1"), addressGroup("192.0.2.2"));
});

test("all addresses of an IPv6 network of 64 bits count as one", () => {
  const group = addressGroup("2001:db8:1:2::1");
  for (const same of [
    "2001:db8:1:2:ffff:ffff:ffff:ffff",
    "2001:0DB8:0001:0002::",
    "2001:db8:1:2::1%eth0",
  ])
    assert.equal(addressGroup(same), group, same);
  for (const other of ["2001:db8:1:3::1", "2001:db8::1:2", "::1", "fe80::1:2"])
    assert.notEqual(addressGroup(other), group, other);
});

test("what is not known counts as one, too", () => {
  assert.equal(addressGroup(undefined), "unknown");
});

test("an address is compared without its zone", () => {
  assert.equal(plainAddress("fe80::1%eth0"), "fe80::1");
  assert.equal(plainAddress("::ffff:172.30.32.2"), "172.30.32.2");
  assert.equal(plainAddress("::1"), "::1");
});
