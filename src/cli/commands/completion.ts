import { ruleIds } from '../../core/catalogue/find-rule.ts';
import { exitCodes } from '../../core/failure.ts';
import type { World } from '../../host/world.ts';
import { bashCompletion } from '../completion/bash.ts';
import { fishCompletion } from '../completion/fish.ts';
import type { Shell } from '../completion/shells.ts';
import { zshCompletion } from '../completion/zsh.ts';
import type { Command, CommandGroup } from '../define/command.ts';
import { syntaxOf } from '../define/grammar.ts';

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/** The same text on every machine: it can be kept in a file. */
export async function completion(
  shell: Shell,
  entries: readonly (Command | CommandGroup)[],
  world: World,
): Promise<number> {
  world.stdout.write(scripts[shell](syntaxOf(entries, ruleIds())));
  return exitCodes.ok;
}
