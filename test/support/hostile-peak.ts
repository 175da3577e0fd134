import { readFileSync, writeFileSync } from "node:fs";

// Loaded into a child in front of the program. The kernel's `ru_maxrss` would count what the parent had at the
// fork, so the peak is read where only the child's own memory counts.
const file = process.env["HOSTILE_PEAK_FILE"];
if (file !== undefined) process.on("exit", () => writeFileSync(file, String(peakKilobytes())));

function peakKilobytes(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS;
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
}
