// Restores into the home in the folder given and kills itself after the given number of steps.
import { configPart, events, never, task } from "./home-fixture.ts";
import { openRestore } from "../open-restore.ts";
import type { RestoreHome } from "../restore-home.ts";

const [folder = "", count = "1"] = process.argv.slice(2);
let left = Number(count);
const nothing = {
  share: undefined,
  ssl: undefined,
  media: undefined,
  addonsLocal: undefined,
  addonData: undefined,
};
const home: RestoreHome = {
  paths: { ...nothing, config: `${folder}/config`, dataDir: `${folder}/safehouse` },
  clock: { now: () => 0 },
  onStep() {
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
  },
};
const options = {
  exact: false,
  stopped: true,
  replaceUndo: true,
  slug: "0123abcd",
  name: "Killed",
};
await using session = await openRestore(home, options, never);
const staged = events(
  { path: "data" },
  { path: "data/.storage", text: "x" },
  { path: "data/new", text: "new" },
);
await session.stage(task(configPart), staged, never);
await session.swap(() => undefined, never);
