import { strict as assert } from "node:assert";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { addPlace, agentPlaces } from "#test/places/agent-places.ts";
import { Bench } from "#test/safehouse.ts";
import { samePicture } from "#test/same-picture.ts";
import { sourcePicture } from "#test/source-picture.ts";

const places = await agentPlaces();

for (const { agent, skip, start } of places.filter((place) => place.agent !== "aws_s3"))
  test(
    `an empty machine needs the address, the credentials and the key to get a home back (${agent})`,
    { skip },
    async () => {
      await using ended = new AsyncDisposableStack();
      using lost = new Bench();
      const place = await start(lost, ended);
      await lost.json("init", "--location", lost.location);
      await addPlace(lost, "away", place);
      const key = (await lost.json("keys", "new")).text("id");
      const kit = join(lost.folder, "kit.txt");
      await lost.json("keys", "kit", key, "--to", kit);
      const before = sourcePicture(lost.home);
      await lost.json("backups", "new", "--location", "away", "--name", "Before 1/2: 100%");

      using found = new Bench("no home");
      mkdirSync(join(found.home, "config"), { recursive: true });
      await addPlace(found, "any-name", place);
      await found.json("keys", "import", "--kit-file", kit);
      const listing = await found.json("backups", "list", "--location", "any-name");
      const [backup] = listing.list("backups");
      assert.equal(backup?.text("name"), "Before 1/2: 100%");
      const slug = backup?.text("slug") ?? "";
      await found.json("backups", "restore", slug, "--location", "any-name");
      samePicture(sourcePicture(found.home), before);
    },
  );
