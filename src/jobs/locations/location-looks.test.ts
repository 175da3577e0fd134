import { strict as assert } from "node:assert";
import { test } from "node:test";
import { ManualTime } from "#test/manual-time.ts";
import { MemoryLocations } from "#test/memory-locations.ts";
import { LocationLooks } from "./location-looks.ts";

async function twoLocations() {
  const time = new ManualTime();
  const locations = new MemoryLocations("backup", "nas");
  for (const id of ["backup", "nas"]) await locations.put(id, "a.tar", { slug: "aaaaaaaa" });
  const looks = new LocationLooks({ clock: time.clock, startTimer: time.startTimer });
  const slugsAt = async (id: string) => {
    const { listing, problem } = await looks.look(locations, id);
    return [listing.backups.map(({ facts }) => facts?.slug), problem?.problem];
  };
  return { time, locations, slugsAt };
}

test("a place that answers at once is told of as it is now", async () => {
  const { locations, slugsAt } = await twoLocations();
  assert.deepEqual(await slugsAt("nas"), [["aaaaaaaa"], undefined]);
  await locations.put("nas", "b.tar", { slug: "bbbbbbbb" });
  assert.equal((await slugsAt("nas"))[0]?.length, 2);
  await locations.remove("nas", "a.tar");
  assert.deepEqual(await slugsAt("nas"), [["bbbbbbbb"], undefined]);
});

test("nobody waits for a place that does not answer, and one look at it is under way however many ask", async () => {
  const { time, locations, slugsAt } = await twoLocations();
  await slugsAt("nas");
  locations.away.set("nas", "for ever");
  locations.asked.length = 0;
  for (let asked = 0; asked < 5; asked += 1) {
    const seen = slugsAt("nas");
    await time.pass(200);
    assert.deepEqual(await seen, [["aaaaaaaa"], undefined], "as it was");
  }
  assert.deepEqual(locations.asked, ["nas"]);
});

test("a place that fails at once says why, and is asked again the next time", async () => {
  const { locations, slugsAt } = await twoLocations();
  await slugsAt("nas");
  locations.away.set("nas", "at once");
  assert.deepEqual(await slugsAt("nas"), [["aaaaaaaa"], "unreachable"]);
  locations.away.delete("nas");
  assert.deepEqual(await slugsAt("nas"), [["aaaaaaaa"], undefined]);
});

test("a place that is slow is told of as it was, and looked at again every ten seconds", async () => {
  const { time, locations, slugsAt } = await twoLocations();
  await slugsAt("nas");
  const look = locations.look.bind(locations);
  locations.look = async (id) => {
    // As long as a slow place needs.
    await new Promise<void>((resolve) => void time.startTimer(400, resolve));
    return look(id);
  };
  await locations.put("nas", "b.tar", { slug: "bbbbbbbb" });
  const first = slugsAt("nas");
  await time.pass(500);
  assert.equal((await first)[0]?.length, 1, "as it was");
  assert.equal((await slugsAt("nas"))[0]?.length, 2, "the look went on");
  await locations.remove("nas", "a.tar");
  await time.pass(9000);
  assert.equal((await slugsAt("nas"))[0]?.length, 2);
  await time.pass(1500);
  assert.equal((await slugsAt("nas"))[0]?.length, 2, "nobody waits for it");
  await time.pass(500);
  assert.equal((await slugsAt("nas"))[0]?.length, 1);
});
