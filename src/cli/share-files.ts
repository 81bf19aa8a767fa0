import { ruleIds } from '../core/catalogue/find-rule.ts';
import type { KeySchema } from '../core/config/allowed-values.ts';
import { bashCompletion } from './completion/bash.ts';
import { fishCompletion } from './completion/fish.ts';
import { zshCompletion } from './completion/zsh.ts';
import { commands } from './define/commands.ts';
import { everySyntax, syntaxOf } from './define/grammar.ts';
import { commandPage } from './man/command-page.ts';
import { configPage } from './man/config-page.ts';
import { isCommand, programPage } from './man/program-page.ts';
import { type Edition, roffPage } from './man/roff.ts';

export type ShareInput = Edition & {
  readonly schema: KeySchema;
  /** A whole config. */
  readonly example: string;
};

/** What lies below `share/` of an installed program, by path: manual pages and completions. */
export function shareFiles({
  schema,
  example,
  ...edition
}: ShareInput): ReadonlyMap<string, string> {
  const program = syntaxOf(commands, ruleIds());
  const pages = [
    programPage(program),
    ...everySyntax(program).filter(isCommand).map(commandPage),
    configPage(schema, example),
  ];
  return new Map([
    ...pages.map((page): readonly [string, string] => [
      `man/man${page.section}/${page.name}.${page.section}`,
      roffPage(page, edition),
    ]),
    ['bash-completion/completions/vllmd', bashCompletion(program)],
    ['zsh/site-functions/_vllmd', zshCompletion(program)],
    ['fish/vendor_completions.d/vllmd.fish', fishCompletion(program)],
  ]);
}
