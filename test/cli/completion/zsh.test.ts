import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { zshCompletion } from '../../../src/cli/completion/zsh.ts';
import { commands } from '../../../src/cli/define/commands.ts';
import { type Syntax, syntaxOf } from '../../../src/cli/define/grammar.ts';
import { ruleIds } from '../../../src/core/catalogue/find-rule.ts';
import { nasty, sampleProgram } from '../../support/sample-program.ts';
import { missingProgram, openTerminal, PROMPT } from '../../support/terminal.ts';

const absent = missingProgram('zsh') ?? missingProgram('script');

let base = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'vllmd-zsh-'));
  mkdirSync(join(base, 'functions'));
  mkdirSync(join(base, 'work'));
  writeFileSync(join(base, 'work/my config.toml'), '');
});
afterEach(() => rmSync(base, { recursive: true }));

async function openZsh(program: Syntax, way: 'fpath' | 'source') {
  const script = join(base, 'functions/_vllmd');
  writeFileSync(script, zshCompletion(program));
  const rc = [
    `PS1='${PROMPT}'; unsetopt zle_bracketed_paste 2>/dev/null; LISTMAX=0`,
    ...(way === 'fpath' ? [`fpath=(${base}/functions $fpath)`] : []),
    `autoload -Uz compinit; compinit -u -d ${base}/dump`,
    ...(way === 'source' ? [`source ${script}`] : []),
    `zstyle ':completion:*' verbose yes; zstyle ':completion:*' list-separator '--'`,
    `show() { print -r -- "<$BUFFER>"; BUFFER= }; zle -N show; bindkey '^Xp' show`,
  ];
  writeFileSync(join(base, '.zshrc'), `${rc.join('\n')}\n`);
  const terminal = await openTerminal('zsh -d -i', {
    cwd: join(base, 'work'),
    env: { ZDOTDIR: base },
  });
  const press = (keys: string) => terminal.press(`${keys}\u0018p`, /<.*>\n/);
  return {
    /** What becomes of a line at a TAB. */
    line: async (keys: string) => /<(.*)>\n/.exec(await press(`${keys}\t`))?.[1],
    /** What is listed. */
    list: (keys: string) => press(`${keys}\u0004`),
    close: terminal.close,
  };
}

test.for(['fpath', 'source'] as const)(
  'zsh completes what there is, by %s',
  async (way, { skip }) => {
    skip(absent !== undefined, absent);
    const { line, close } = await openZsh(syntaxOf(commands, ruleIds()), way);
    expect(await line('vllmd inst')).toBe('vllmd install ');
    expect(await line('vllmd disk r')).toBe('vllmd disk reset ');
    expect(await line('vllmd install --dry')).toBe('vllmd install --dry-run ');
    expect(await line('vllmd disk reset 1 --ye')).toBe('vllmd disk reset 1 --yes ');
    expect(await line('vllmd completion f')).toBe('vllmd completion fish ');
    expect(await line('vllmd explain gpu-assigned')).toBe('vllmd explain gpu-assigned-once ');
    expect(await line('vllmd explain my')).toBe('vllmd explain my\\ config.toml ');
    expect(await line('vllmd validate m')).toBe('vllmd validate my\\ config.toml ');
    expect(await line('vllmd install --config m')).toBe('vllmd install --config my\\ config.toml ');
    expect(await line('vllmd install --config=m')).toBe('vllmd install --config=my\\ config.toml ');
    expect(await line('vllmd install --adopt m')).toBe('vllmd install --adopt my\\ config.toml ');
    expect(await line('vllmd install --adopt x m')).toBe(
      'vllmd install --adopt x my\\ config.toml ',
    );
    expect(await line('vllmd install --adopt x --dry')).toBe('vllmd install --adopt x --dry-run ');
    expect(await line('vllmd disk reset --ye')).toBe('vllmd disk reset --yes ');
    expect(await line('vllmd status --watch --js')).toBe('vllmd status --watch --json ');
    expect(await line('vllmd status --watch 5s --js')).toBe('vllmd status --watch 5s --json ');
    expect(await line('vllmd status -w --js')).toBe('vllmd status -w --json ');
    expect(await line('vllmd recover --boo')).toBe('vllmd recover --boo');
    close();
  },
);

test('zsh shows descriptions as they are, whatever is in them', async ({ skip }) => {
  skip(absent !== undefined, absent);
  const { list, close } = await openZsh(sampleProgram, 'fpath');
  const listed = await list('vllmd ');
  expect(listed).toContain(`look   -- Look: ${nasty}`);
  expect(listed).toContain('wheel  -- Look after the wheels');
  const options = await list('vllmd look --');
  expect(options).toContain(`-- ${nasty}`);
  expect(options).toMatch(/--no-colour +-- Black and white/);
  expect(options).not.toContain('secret');
  expect(await list('vllmd look --format ')).toMatch(/long +short/);
  expect(await list('vllmd wheel turn left ')).toMatch(/left +right/);
  close();
});
