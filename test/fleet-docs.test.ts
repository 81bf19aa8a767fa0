import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { exitCodes } from '../src/core/failure.ts';
import { readText } from './support/doc-lines.ts';
import { tinyModel } from './support/gguf.ts';
import { freePort } from './support/llama-run.ts';
import { realLlamaServer } from './support/llama-server.ts';
import { newCaller, scratch, sshObstacle, startSshHost } from './support/ssh-host.ts';

const program = fileURLToPath(new URL('../dist/vllmd.mjs', import.meta.url));
const page = readText('docs/fleet.md');
const server = realLlamaServer();
const isMissing = server.isMissing || sshObstacle() !== undefined;
const directory = scratch();

/** What the page has its reader do. */
type Deed =
  | { readonly kind: 'write'; readonly path: string; readonly text: string }
  | { readonly kind: 'run'; readonly script: string; readonly shown: string | undefined };

/** In their order. A file is named in the prose before it, and what a script prints is the block behind it. */
function deeds(): readonly Deed[] {
  const blocks = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(
    ({ 1: language = '', 2: body = '', index }) => ({ language, body, index }),
  );
  return blocks.flatMap(({ language, body, index }, at): readonly Deed[] => {
    const next = blocks[at + 1];
    if (language === 'text') return [];
    if (language === 'sh') {
      return [
        { kind: 'run', script: body, shown: next?.language === 'text' ? next.body : undefined },
      ];
    }
    const [, path] = /Write `([^`]+)`:\n\n$/.exec(page.slice(0, index)) ?? [];
    if (path === undefined) throw new Error(`the page does not say which file this is:\n${body}`);
    return [{ kind: 'write', path, text: body }];
  });
}

/** A home with two models, and a PATH with what a new user has installed; behind sshd there is another. */
async function firstDay() {
  const home = join(directory, 'home');
  mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 });
  const caller = newCaller(home);
  const address = '127.0.0.11';
  const at = { directory: join(directory, 'gpu1'), caller, address, port: await freePort() };
  const ssh = await startSshHost(at);
  // Nobody has been there yet.
  writeFileSync(caller.knownHosts, '');
  symlinkSync(caller.knownHosts, join(home, '.ssh/known_hosts'));
  copyFileSync(caller.key, join(home, '.ssh/id_ed25519'));
  const bin = join(home, 'bin');
  const programs = { vllmd: [process.execPath, program], 'llama-server': [server.path] };
  for (const [name, argv] of Object.entries(programs)) {
    const words = argv.map((word) => `'${word}'`).join(' ');
    writeFileSync(join(bin, name), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
  }
  writeFileSync(join(ssh.home, '.profile'), `PATH="${bin}:$PATH"\n`);
  const models = join(directory, 'models');
  mkdirSync(models);
  for (const name of ['small', 'large']) writeFileSync(join(models, `${name}.gguf`), tinyModel());
  onTestFinished(() => void spawnSync('pkill', ['-f', `llama-server --model ${models}/`]));
  const places = {
    '/srv/models': models,
    '/home/you': home,
    '10.0.0.11': address,
    '2222': String(at.port),
    '8080': String(await freePort()),
    '8081': String(await freePort()),
    '8082': String(await freePort()),
  };
  return { home, env: { PATH: `${bin}:${process.env['PATH']}`, HOME: home }, places };
}

/** The page as it is for this machine. */
function localised(text: string, places: Readonly<Record<string, string>>): string {
  return Object.entries(places)
    .reduce((all, [there, here]) => all.replaceAll(there, here), text)
    .replaceAll(/\bops(?="|$)/gm, userInfo().username);
}

/** What matches all that is printed: every line of it, but for `…`, moments, and how wide a table is. */
function patternOf(shown: string): RegExp {
  const lines = shown.split('\n').filter((line) => line !== '');
  const patterns = lines.map((line) => {
    if (line === '…') return '(?:[^\\n]*\\n)*';
    const escaped = line.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');
    const flexible = escaped
      .replaceAll('…', '[^\\n]*')
      .replaceAll(/(?<=\S) {2,}/g, ' {2,}')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ');
    return `${flexible}\\n`;
  });
  return new RegExp(`^${patterns.join('')}$`);
}

/**
 * As a machine that is not busy prints it: without what is said only where something takes longer than a second, which a
 * terminal shows for the moment. And a model that needs as long to fail has that told by its first probe.
 */
function settled(printed: string): string {
  const lines = printed.split('\n').filter((line) => line !== '');
  const isOver = (line: string) =>
    /^(?:asking|probing) \S+$/.test(line) ||
    lines.some((other) => other.startsWith(`${line.replace(/, for up to \d+ s$/, '')}...`));
  return `${lines.filter((line) => !isOver(line)).join('\n')}\n`
    .replace(/^( {2}Start model (.*)\.\.\. )✓\n {2}Probe health for \2\.\.\. ✗$/m, '$1✗')
    .replace(/^(error: .* Step failed: )probe_health/m, '$1start_model');
}

test.skipIf(isMissing)(
  'who does what docs/fleet.md says, line by line, sees what it shows',
  async () => {
    const { home, env, places } = await firstDay();
    for (const deed of deeds()) {
      if (deed.kind === 'write') {
        const path = join(home, deed.path.replace(/^~\//, ''));
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, localised(deed.text, places));
        continue;
      }
      const script = localised(deed.script, places);
      // Both streams in their order, as on a terminal.
      const { status, stdout } = spawnSync('sh', ['-ec', `exec 2>&1\n${script}`], {
        ...{ cwd: home, env, encoding: 'utf8' },
      });
      expect(status, `${script}\n${stdout}`).toBe(0);
      if (deed.shown !== undefined) {
        expect(settled(stdout), script).toMatch(patternOf(localised(deed.shown, places)));
      }
    }
  },
  240_000,
);

test('what is shown is compared line by line', () => {
  const pattern = patternOf('a  b\n…\nlast … at 2026-11-26T14:00:00Z\n');
  expect('a     b\nx\ny\nlast one at 2026-11-27T01:02:03Z\n').toMatch(pattern);
  expect('a b\nlast one at 2026-11-27T01:02:03Z\n').not.toMatch(pattern);
  expect('a  b\nlast one at noon\n').not.toMatch(pattern);
  expect(patternOf('one\ntwo\n').test('one\nmore\ntwo\n')).toBe(false);
  expect(settled('  Probe it, for up to 30 s\n  Probe it... ✓\nasking hosts\nStart more\n')).toBe(
    '  Probe it... ✓\nStart more\n',
  );
  const late = '  Start model a on b... ✓\n  Probe health for a on b... ✗\n';
  expect(settled(late)).toBe('  Start model a on b... ✗\n');
  expect(settled(late.replace('✗', '✓'))).toBe(late.replace('✗', '✓'));
});

test('every exit code of the page is one of the program', () => {
  const [, table = ''] = page.split('## Exit codes\n');
  const codes = [...table.matchAll(/^\| ([\d, ]+) \|/gm)].flatMap(([, row = '']) =>
    row.split(', '),
  );
  expect(codes).toContain('8');
  expect(Object.values(exitCodes)).toEqual(expect.arrayContaining(codes.map(Number)));
});
