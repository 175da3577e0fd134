import { Argument, type Command } from "commander";
import type { CommandContext, CommandRunner, CommonFlags } from "../command-context.ts";
import { complete, type ThingsThere } from "../completion/complete.ts";
import { pathMarks, shells, shellScripts, type Shell } from "../completion/shell-scripts.ts";
import { thingsOfHome } from "../completion/things-there.ts";
import { wantedWord } from "../completion/wanted-word.ts";
import { printable } from "../output/table.ts";
import { addExamples } from "./options.ts";

export function addCompletion(program: Command, runner: CommandRunner): void {
  const command = program
    .command("completion")
    .description("print a script that lets a shell complete commands, options, slugs and ids")
    .addArgument(new Argument("<shell>", "the shell").choices(shells));
  addExamples(command, [
    "source <(safehouse completion bash)",
    "safehouse completion zsh > ~/.zfunc/_safehouse",
    "safehouse completion fish > ~/.config/fish/completions/safehouse.fish",
  ]);
  runner.attach<CommonFlags>(command, async (context, _, [shell]) => {
    const script = shellScripts[shell as Shell];
    await context.print({ json: { shell, script }, text: script });
  });
}

/** What the scripts call: words, each with a tab and what it is; the last line says which paths fit too. */
export function addComplete(program: Command, runner: CommandRunner): void {
  const command = program.command("complete [words...]", { hidden: true });
  runner.attach<CommonFlags>(command, async (context, _, words) => {
    const { candidates, also } = await complete(program, words, thingsFor(context, program, words));
    const lines = candidates.map(
      ({ word, about }) => `${printable(word)}\t${printable(about.replaceAll("\t", " "))}\n`,
    );
    const text = `${lines.join("")}${pathMarks[also]}\n`;
    await context.print({ json: { candidates, also }, text });
  });
}

/** Things of the home that the options typed so far are about. Where it cannot be asked there is nothing to offer. */
function thingsFor(
  { home }: CommandContext,
  program: Command,
  words: readonly string[],
): ThingsThere {
  return async (thing) => {
    const { command } = wantedWord(program, words);
    command.parseOptions(words.slice(0, -1));
    try {
      return await thingsOfHome(thing, home, command.opts());
    } catch {
      // A message in the middle of a line that is being typed would help nobody.
      return [];
    }
  };
}
