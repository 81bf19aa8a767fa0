import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyProgram } from '../support/copy-program.ts';
import { FIXTURES } from '../support/fixtures.ts';

const run = promisify(execFile);
const compiler = fileURLToPath(new URL('../../dist/compile.mjs', import.meta.url));
const example = `${FIXTURES}contract-example/vllmd.toml`;
const isValid = { stdout: `${example}: valid, 2 runtimes\n`, stderr: '' };

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vllmd-start-'));
  copyProgram(folder);
  cpSync(compiler, join(folder, 'compile.mjs'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const vllmd = (...argv: readonly string[]) =>
  run(process.execPath, [join(folder, 'vllmd.mjs'), ...argv]);
const named = (pattern: RegExp) => {
  const name = readdirSync(folder).find((one) => pattern.test(one));
  expect(name, String(pattern)).toBeDefined();
  return join(folder, name ?? '');
};
const program = () => named(/^program-[0-9a-f]+\.js$/);
const code = () => named(/^program-[0-9a-f]+\.code$/);

test('what the engine knew of the program is used, and the program works without it', async () => {
  expect(await vllmd('validate', example)).toEqual(isValid);
  rmSync(code());
  expect(await vllmd('validate', example)).toEqual(isValid);
});

test.each([['--version'], ['validate', example]])(
  'a Node.js that is too old is told as that, for %s',
  async (...argv) => {
    // As in one before 20.16, which has a way to its own modules less.
    const older = 'data:text/javascript,delete process.getBuiltinModule';
    const command = ['--import', older, join(folder, 'vllmd.mjs'), ...argv];
    await expect(run(process.execPath, command)).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: `error: vllmd needs Node.js 20.19 or newer, and ${process.execPath} is ${process.version}\n  → install a newer one\n`,
    });
  },
);

test('the compiler writes it anew, readable for everybody, whatever the umask is', async () => {
  rmSync(code());
  await run('sh', ['-c', 'umask 077 && exec "$0" "$1"', process.execPath, `${folder}/compile.mjs`]);
  expect(statSync(code()).mode & 0o777).toBe(0o644);
  expect(readdirSync(folder).filter((name) => name.includes('.code.'))).toEqual([]);
  expect(await vllmd('validate', example)).toEqual(isValid);
});

test('it leaves nothing of its own beside the program where it cannot be put in place', async () => {
  const taken = code();
  rmSync(taken);
  mkdirSync(taken);
  const before = readdirSync(folder);
  await expect(run(process.execPath, [`${folder}/compile.mjs`])).rejects.toThrow('EISDIR');
  expect(readdirSync(folder)).toEqual(before);
});

test('it lets nothing of its own behind in the directory for temporary files', async () => {
  const temporary = join(folder, 'tmp');
  await run('mkdir', [temporary]);
  await run(process.execPath, [`${folder}/compile.mjs`], {
    env: { ...process.env, TMPDIR: temporary },
  });
  expect(readdirSync(temporary)).toEqual([]);
});

/** Its header is JSON behind the size of it. */
function changeHeader(change: (header: Record<string, unknown>) => void): void {
  const bytes = readFileSync(code());
  const size = Number(bytes.subarray(0, 16).toString());
  const header = JSON.parse(bytes.subarray(16, 16 + size).toString());
  change(header);
  const text = JSON.stringify(header);
  const start = Buffer.from(`${String(text.length).padEnd(16)}${text}`);
  writeFileSync(code(), Buffer.concat([start, bytes.subarray(16 + size)]));
}

test.each([
  ['is empty', () => truncateSync(code())],
  ['was cut off', () => truncateSync(code(), statSync(code()).size - 1)],
  ['was cut off in its header', () => truncateSync(code(), 100)],
  ['is something else', () => writeFileSync(code(), 'something else')],
  ['is of another program', () => changeHeader((header) => Object.assign(header, { id: '0' }))],
  ['is of another Node.js', () => changeHeader((header) => Object.assign(header, { node: 'v1' }))],
])('what the engine knew is left alone where the file %s', async (_, damage) => {
  damage();
  expect(await vllmd('validate', example)).toEqual(isValid);
});

test('an engine that does not know what it is handed compiles it itself', async () => {
  changeHeader((header) => {
    // Those of one group are not those of another.
    const groups = header['groups'] as Record<string, unknown>;
    Object.assign(groups, { 0: groups['1'], 1: groups['0'] });
  });
  expect(await vllmd('validate', example)).toEqual(isValid);
});

test('a program that is not whole says what to do', async () => {
  const missing = program();
  rmSync(missing);
  const said = { code: 1, stdout: '' };
  await expect(vllmd('validate', example)).rejects.toMatchObject({
    ...said,
    stderr: `error: ${missing} is not there\n  → it is a part of vllmd: install vllmd again\n`,
  });
});

test('--version needs nothing of the program, and says of an output that is full what the program says', async () => {
  const full = (file: string) =>
    run('sh', ['-c', 'exec "$0" "$1" --version >/dev/full', process.execPath, file]);
  const told = expect.stringContaining('error: the output is not complete');
  await expect(full(join(folder, 'vllmd.mjs'))).rejects.toMatchObject({ code: 1, stderr: told });
  const { stdout } = await vllmd('--version');
  rmSync(program());
  expect(await vllmd('--version')).toMatchObject({ stdout });
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('it is found by a link from elsewhere, in a folder whose name needs care', async () => {
  const strange = join(folder, 'a #b ?c %41');
  mkdirSync(strange);
  copyProgram(strange);
  const link = join(folder, 'vllmd');
  symlinkSync(join(strange, 'vllmd.mjs'), link);
  chmodSync(join(strange, 'vllmd.mjs'), 0o755);
  expect(await run(link, ['validate', example])).toEqual(isValid);
});
