import { keyGroups } from "../key-groups.ts";
import {
  kitFacts,
  kitPurpose,
  kitSteps,
  type EmergencyKit,
  type KitSteps,
} from "./emergency-kit.ts";

/**
 * The kit as a page to be printed: one sheet of A4. It asks nothing of the network, and forbids itself to:
 * the key on it is nobody's business.
 */
export function kitHtml(kit: EmergencyKit): string {
  const facts = kitFacts(kit).map(
    ([label, value]) => `<dt>${escape(label)}</dt><dd>${escape(value)}</dd>\n`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Emergency kit ${escape(kit.key.id)}</title>
<style>${style}</style>
</head>
<body>
<h1>Emergency kit for Home Assistant backups</h1>
<dl>
${facts.join("")}</dl>
<h2>Encryption key</h2>
<p class="key">${keyHtml(kit.secret)}</p>
<p>${escape(kitPurpose(kit))}</p>
${kitSteps(kit).map(stepsHtml).join("")}</body>
</html>
`;
}

function stepsHtml({ title, steps, code }: KitSteps): string {
  const items = steps.map((step) => `<li>${escape(step)}</li>\n`).join("");
  const lines = code === undefined ? "" : `<pre>${escape(code.join("\n"))}</pre>\n`;
  return `<section>\n<h2>${escape(title)}</h2>\n<ol>\n${items}</ol>\n${lines}</section>\n`;
}

/** Breaks between groups only; what is copied off the page is the key as it is to be typed. */
function keyHtml(secret: string): string {
  const groups = keyGroups(secret);
  if (groups === undefined) return `<span class="any">${escape(secret)}</span>`;
  return groups.map((group) => `<span>${escape(group)}</span>`).join("-<wbr>");
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const style = `
@page { size: A4; margin: 14mm 16mm }
:root { color-scheme: light dark; --line: #bbb; --ground: #f3f3f3 }
@media (prefers-color-scheme: dark) { :root { --line: #555; --ground: #2a2a2a } }
@media print { :root { color-scheme: only light; --line: #bbb; --ground: #f3f3f3 } }
body { font: 14px/1.4 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6em; margin: 0 0 .6em }
h2 { font-size: 1.05em; margin: 1.1em 0 .3em }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15em 1.2em; margin: 0 }
dt { opacity: .75 }
dd { margin: 0; overflow-wrap: anywhere }
.key { font: 700 1.35em/1.6 ui-monospace, monospace; margin: .2em 0 .6em; padding: .5em .8em;
  border: 1px solid var(--line); border-radius: .4em; background: var(--ground);
  font-variant-numeric: slashed-zero }
.key span { white-space: nowrap }
.key .any { white-space: pre-wrap; overflow-wrap: anywhere }
p { margin: 0 }
ol { margin: 0; padding-left: 1.5em }
section { break-inside: avoid }
pre { font: .85em/1.35 ui-monospace, monospace; margin: .4em 0 0; padding: .5em .8em;
  border: 1px solid var(--line); border-radius: .4em; white-space: pre-wrap; overflow-wrap: anywhere }
@media print { body { font-size: 10.5pt; margin: 0; padding: 0; max-width: none } }
`;
