import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fishCompletion } from '../../../src/cli/completion/fish.ts';
import { commands } from '../../../src/cli/define/commands.ts';
import { syntaxOf } from '../../../src/cli/define/grammar.ts';
import { ruleIds } from '../../../src/core/catalogue/find-rule.ts';
import { nasty, sampleProgram } from '../../support/sample-program.ts';
import { missingProgram } from '../../support/terminal.ts';

const absent = missingProgram('fish');

let base = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'vllmd-fish-'));
  mkdirSync(join(base, 'work/directory'), { recursive: true });
  writeFileSync(join(base, 'work/my config.toml'), '');
  writeFileSync(join(base, 'real'), fishCompletion(syntaxOf(commands, ruleIds())));
  writeFileSync(join(base, 'sample'), fishCompletion(sampleProgram));
});
afterEach(() => rmSync(base, { recursive: true }));

/** What fish offers for each line: words, with a TAB before their description. */
function offers(
  script: 'real' | 'sample',
  ...lines: readonly string[]
): readonly (readonly string[])[] {
  const code = `source $argv[1]; for line in $argv[2..]; complete -C $line; echo END; end`;
  const { status, stdout, stderr } = spawnSync(
    'fish',
    ['--no-config', '-c', code, join(base, script), ...lines],
    {
      encoding: 'utf8',
      cwd: join(base, 'work'),
      env: { ...process.env, HOME: base, LC_ALL: 'C.UTF-8' },
    },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout
    .split('END\n')
    .slice(0, -1)
    .map((part) => part.split('\n').slice(0, -1));
}

test('fish completes what there is', ({ skip }) => {
  skip(absent !== undefined, absent);
  const [install, disk, dry, shell, file, config, adopt, root, boot, yes] = offers(
    'real',
    'vllmd inst',
    'vllmd disk ',
    'vllmd install --dry',
    'vllmd completion z',
    'vllmd validate m',
    'vllmd install --config m',
    'vllmd install --adopt x m',
    'vllmd install --root ',
    'vllmd recover --boo',
    'vllmd disk reset 1 --y',
  );
  expect(install).toEqual(['install\tMake the host as the config says; print what changes']);
  expect(disk).toEqual([
    'reset\tThrow away the disk of a runtime and make a new one from its base image',
  ]);
  expect(dry).toEqual(['--dry-run\tPrint what would happen and change nothing']);
  expect(shell).toEqual(['zsh']);
  for (const offer of [file, config, adopt]) expect(offer).toEqual(['my config.toml']);
  expect(root).toEqual([expect.stringMatching(/^directory\//)]);
  expect(boot).toEqual([]);
  expect(yes).toEqual(['--yes\tDo it']);
});

test('fish completes rules that can be explained, and files', ({ skip }) => {
  skip(absent !== undefined, absent);
  const [rule, file, version] = offers(
    'real',
    'vllmd explain gpu-assigned-o',
    'vllmd explain my',
    'vllmd schema --schema-version ',
  );
  expect(rule).toEqual(['gpu-assigned-once']);
  expect(file).toContain('my config.toml');
  const words = version?.map((offer) => offer.split('\t')[0]);
  expect(words?.toSorted()).toEqual(['1', '2']);
});

test('fish shows descriptions as they are, whatever is in them', ({ skip }) => {
  skip(absent !== undefined, absent);
  const [all = [], options = [], values] = offers(
    'sample',
    'vllmd ',
    'vllmd look --',
    'vllmd look --format ',
  );
  expect(all).toContain(`look\tLook: ${nasty}`);
  expect(options).toContain(`--json\t${nasty}`);
  expect(options).toContain('--no-colour\tBlack and white');
  expect(options.join()).not.toContain('secret');
  expect(values?.toSorted()).toEqual(['long\tHow much of it', 'short\tHow much of it']);
});
