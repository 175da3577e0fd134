import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { settleTimes } from "./settle-times.ts";

/** Changes, removes, adds and replaces things in every part of a sample home. */
export function damageHome(root: string): void {
  appendFileSync(`${root}/config/automations.yaml`, "- damaged\n");
  rmSync(`${root}/config/.storage/auth`);
  rmSync(`${root}/config/custom_components`, { recursive: true });
  mkdirSync(`${root}/config/new folder/inner`, { recursive: true });
  writeFileSync(`${root}/config/new folder/inner/file`, "new\n");
  chmodSync(`${root}/config/secrets.yaml`, 0o644);
  rmSync(`${root}/config/www/dangling`);
  writeFileSync(`${root}/config/www/dangling`, "a file now");
  rmSync(`${root}/config/configuration.yaml`);
  mkdirSync(`${root}/config/configuration.yaml`);
  rmSync(`${root}/config/deep`, { recursive: true });
  symlinkSync("/nowhere", `${root}/config/deep`);
  renameSync(`${root}/share/notes.txt`, `${root}/share/moved.txt`);
  rmSync(`${root}/share/odd names`, { recursive: true });
  rmSync(`${root}/ssl/privkey.pem`);
  writeFileSync(`${root}/media/film.mp4`, "short");
  rmSync(`${root}/addons/local/own`, { recursive: true });
  appendFileSync(`${root}/data/core_mosquitto/options.json`, "damaged");
  if (process.getuid?.() === 0)
    execFileSync("chown", ["-R", "1002:1003", `${root}/data/local_own`]);
  using database = new DatabaseSync(`${root}/config/home-assistant_v2.db`);
  database.exec(
    "DELETE FROM states WHERE state_id > 100; INSERT INTO states (state) VALUES ('new')",
  );
  database.close();
  settleTimes(root, 1_650_000_000);
}
