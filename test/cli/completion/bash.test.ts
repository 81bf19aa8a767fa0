import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bashCompletion } from '../../../src/cli/completion/bash.ts';
import { commands } from '../../../src/cli/define/commands.ts';
import { syntaxOf } from '../../../src/cli/define/grammar.ts';
import { ruleIds } from '../../../src/core/catalogue/find-rule.ts';
import { sampleProgram } from '../../support/sample-program.ts';
import { missingProgram, openTerminal, PROMPT } from '../../support/terminal.ts';

const everywhere = ['--quiet', '-q', '--verbose', '-v', '--help', '-h'];

let base = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'vllmd-bash-'));
  writeFileSync(join(base, 'real'), bashCompletion(syntaxOf(commands, ruleIds())));
  writeFileSync(join(base, 'sample'), bashCompletion(sampleProgram));
});
afterEach(() => rmSync(base, { recursive: true }));

/** What the function answers with, and how it wants files completed; the last word is under the cursor. */
function complete(script: 'real' | 'sample', ...words: readonly string[]): readonly string[] {
  const code = `compopt() { echo "compopt $*"; }
    source "$1"; shift
    COMP_WORDS=(vllmd "$@") COMP_CWORD=$#
    [[ $(complete -p vllmd) == 'complete -F _vllmd vllmd' ]] || exit 1
    _vllmd; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const argv = ['--norc', '-euc', code, 'bash', join(base, script), ...words];
  const { status, stdout, stderr } = spawnSync('bash', argv, { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').filter((line) => line !== '');
}

test('bash completes commands, and those of a group', () => {
  expect(complete('real', 'inst')).toEqual(['install']);
  expect(complete('real', '')).toEqual(expect.arrayContaining(['install', 'disk', 'completion']));
  expect(complete('real', 'disk', '')).toEqual(['reset']);
  expect(complete('real', 'completion', '')).toEqual(['bash', 'zsh', 'fish']);
  expect(complete('real', 'nonsense', '')).toEqual(expect.arrayContaining(['install']));
});

test('bash completes the options of a command, and none that is hidden', () => {
  expect(complete('real', 'install', '--dry')).toEqual(['--dry-run']);
  expect(complete('real', 'install', '--no-')).toEqual(['--no-start', '--no-restart']);
  expect(complete('real', 'recover', '--')).not.toContain('--boot');
  expect(complete('real', 'disk', 'reset', '--')).toContain('--yes');
  expect(complete('real', 'history', '')).toEqual(['--json', ...everywhere]);
});

test('bash completes rules that can be explained, and files where none fits', () => {
  const [first, ...more] = complete('real', 'explain', 'gpu-assigned');
  expect(first).toBe('compopt -o default');
  expect(more).toEqual(['gpu-assigned-once']);
  expect(complete('real', 'explain', '/etc/vllmd/')).toEqual(['compopt -o default']);
  expect(complete('real', 'schema', '--schema-version', '')).toEqual(['1', '2']);
});

test('bash completes values: words, files, directories, or nothing', () => {
  const files = ['compopt -o default'];
  expect(complete('sample', 'look', '--format', '')).toEqual(['short', 'long']);
  expect(complete('sample', 'look', '--format', '=')).toEqual(['short', 'long']);
  expect(complete('sample', 'look', '--format', '=', 'lo')).toEqual(['long']);
  expect(complete('sample', 'look', '-o', '')).toEqual(['compopt -o dirnames']);
  expect(complete('sample', 'look', '-o', 'x', 'a')).toEqual(files);
  expect(complete('sample', 'look', '--out', '=', 'x', '--json', 'a')).toEqual(files);
  expect(complete('sample', 'move', 'fast', '--within', '')).toEqual([]);
  expect(complete('sample', 'move', '--paths', 'a', 'b', '')).toEqual(files);
  expect(complete('sample', 'move', '--paths', 'a', '--')).toContain('--within');
  expect(complete('sample', 'wheel', 'turn', 'left', 'r')).toEqual(['right']);
  expect(complete('real', 'validate', '')).toEqual(files);
  expect(complete('real', 'validate', 'a', '')).toEqual([
    '--config',
    '-c',
    '--strict',
    '--lenient',
    '--json',
    ...everywhere,
  ]);
  expect(complete('real', 'install', '--root', 'status', '--')).toContain('--dry-run');
});

test('at a TAB bash quotes the name of a file, and knows directories', async ({ skip }) => {
  const why = missingProgram('script');
  skip(why !== undefined, why);
  mkdirSync(join(base, 'out of here'));
  writeFileSync(join(base, "it's my config.toml"), '');
  writeFileSync(
    join(base, 'rc'),
    `PS1='${PROMPT}'; source "${base}/real"; bind -x '"\\C-xp": echo "<$READLINE_LINE>"'`,
  );
  const terminal = await openTerminal(`bash --noprofile --rcfile '${base}/rc' -i`, {
    cwd: base,
    env: {},
  });
  const line = async (keys: string) =>
    /<(.*)>\n/.exec(await terminal.press(`${keys}\t\u0018p\u0015`, /<.*>\n/))?.[1];
  expect(await line('vllmd validate it')).toBe("vllmd validate it\\'s\\ my\\ config.toml ");
  expect(await line('vllmd install --config=it')).toBe(
    "vllmd install --config=it\\'s\\ my\\ config.toml ",
  );
  expect(await line('vllmd render --out o')).toBe('vllmd render --out out\\ of\\ here/');
  expect(await line('vllmd roll')).toBe('vllmd rollback ');
  expect(await line('vllmd install --dry')).toBe('vllmd install --dry-run ');
  terminal.close();
});

test('shellcheck finds nothing in the script for bash', ({ skip }) => {
  const why = missingProgram('shellcheck');
  skip(why !== undefined, why);
  const { stdout } = spawnSync('shellcheck', ['-s', 'bash', join(base, 'real')], {
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
});
