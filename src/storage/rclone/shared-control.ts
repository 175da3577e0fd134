import { RemoteControl } from "./remote-control.ts";
import type { RcloneSettings } from "./settings.ts";

/** One rclone serves everybody in this process who opens the same place: a server opens it anew for each thing to do. */
export function sharedControl(settings: RcloneSettings): RemoteControl {
  const { remote, config, configPassword } = settings;
  const name = JSON.stringify([remote, config, configPassword]);
  const known = controls.get(name);
  if (known !== undefined) return known;
  const control = new RemoteControl(settings);
  controls.set(name, control);
  return control;
}

const controls = new Map<string, RemoteControl>();
