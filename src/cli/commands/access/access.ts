import type { Command } from "commander";
import type { CommandRunner } from "../../command-context.ts";
import { addAccessPassword } from "./password.ts";
import { addSessionsList, addSessionsRevoke } from "./sessions.ts";
import { addTokensList, addTokensNew, addTokensRevoke } from "./tokens.ts";

/**
 * Commands about who may come in to the server. The password is set on its machine itself: whoever has forgotten it
 * could not come in to set another.
 */
export function addAccess(program: Command, runner: CommandRunner): void {
  const group = program
    .command("access")
    .description("who may come in to the server: password, sessions, API tokens");
  addAccessPassword(group, runner);
  const tokens = group.command("tokens").description("API tokens, with which programs come in");
  addTokensList(tokens, runner);
  addTokensNew(tokens, runner);
  addTokensRevoke(tokens, runner);
  const sessions = group.command("sessions").description("browsers that are signed in");
  addSessionsList(sessions, runner);
  addSessionsRevoke(sessions, runner);
}
