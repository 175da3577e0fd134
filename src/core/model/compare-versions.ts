/**
 * Orders two versions of Home Assistant (`2026.8.0`, `2026.9.0b2`, `2026.9.0.dev20260801`): negative if
 * `a` is older, 0 if they are equal or cannot be compared.
 */
export function compareVersions(a: string, b: string): number {
  const left = parse(a);
  const right = parse(b);
  if (left === undefined || right === undefined) return 0;
  for (let at = 0; at < Math.max(left.numbers.length, right.numbers.length); at += 1) {
    const difference = (left.numbers[at] ?? 0) - (right.numbers[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.stage - right.stage || left.stageNumber - right.stageNumber;
}

const stages: Readonly<Record<string, number>> = { dev: 0, a: 1, b: 2, rc: 3 };
const final = 4;

function parse(
  version: string,
): { numbers: number[]; stage: number; stageNumber: number } | undefined {
  const match = /^v?(\d+(?:\.\d+)*)\.?(?:(dev|a|b|rc)(\d*))?$/.exec(version.trim());
  if (match === null) return undefined;
  const [, numbers = "", stage, stageNumber = ""] = match;
  return {
    numbers: numbers.split(".").map(Number),
    stage: stage === undefined ? final : (stages[stage] ?? final),
    stageNumber: Number(stageNumber),
  };
}
