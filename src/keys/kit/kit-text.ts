import {
  kitFacts,
  kitPurpose,
  kitSteps,
  type EmergencyKit,
  type KitSteps,
} from "./emergency-kit.ts";

const width = 80;

/** The kit as plain text, for a password manager or any printer. */
export function kitText(kit: EmergencyKit): string {
  const facts = kitFacts(kit).map(
    ([label, value]) => `${`${label}:`.padEnd(18)}${oneLine(value)}\n`,
  );
  return [
    `Emergency kit for Home Assistant backups\n\n`,
    ...facts,
    `\nEncryption key:\n\n    ${kit.secret}\n\n`,
    wrap(kitPurpose(kit), ""),
    ...kitSteps(kit).map(stepsText),
  ].join("");
}

function stepsText({ title, steps, code = [] }: KitSteps): string {
  const numbered = steps.map((step, at) => wrap(step, `${at + 1}. `));
  return [`\n${title}\n`, ...numbered, ...code.map((line) => `   ${line}\n`)].join("");
}

/** Lines of a paragraph, indented by as much as stands before the first. */
function wrap(text: string, head: string): string {
  const lines: string[] = [];
  let line = head;
  for (const word of text.split(" ")) {
    const isStart = line === head || line.trim() === "";
    if (!isStart && line.length + 1 + word.length > width) {
      lines.push(line);
      line = " ".repeat(head.length) + word;
    } else {
      line += isStart ? word : ` ${word}`;
    }
  }
  return `${[...lines, line].join("\n")}\n`;
}

/** A name may hold anything, and nothing in it may look like a line of the kit. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, " ");
}
