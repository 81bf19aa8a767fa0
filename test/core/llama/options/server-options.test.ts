import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseHelp } from '../../../../src/core/llama/options/parse-help.ts';
import {
  referenceVersion,
  serverOptions,
} from '../../../../src/core/llama/options/server-options.gen.ts';
import { realLlamaServer } from '../../../support/llama-server.ts';

const LISTED = '../shared/data/llama-server-options.json';
const server = realLlamaServer();

test.skipIf(!existsSync(LISTED))(
  'the options of the reference version are those that are listed (skipped where ../shared/data is not there)',
  () => {
    const listed: readonly { readonly val: string | null }[] = JSON.parse(
      readFileSync(LISTED, 'utf8'),
    );
    const own = serverOptions.map(({ names, value, env }) => ({ names, val: value, env }));
    expect(listed).toMatchObject(own);
    expect(listed).toHaveLength(own.length);
  },
);

test.skipIf(server.isMissing)('they are what the real server prints', ({ skip }) => {
  const version = /^version: (\S+)/m.exec(said('--version'))?.[1];
  skip(version !== referenceVersion, `this server is of version ${version}`);
  expect(parseHelp(said('--help'))).toEqual(serverOptions);
});

test.skipIf(server.isMissing)('nothing of what the real server prints is passed over', () => {
  const help = said('--help');
  const begun = help.split('\n').filter((line) => /^-+\w/.test(line));
  expect(parseHelp(help)).toHaveLength(begun.length);
  expect(begun.length).toBeGreaterThan(200);
});

function said(flag: string): string {
  const { stdout, stderr } = spawnSync(server.path, [flag], { encoding: 'utf8' });
  return stdout + stderr;
}
