import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sampleFleet, textOf, writeFleet } from '../support/fleet-files.ts';

const program = fileURLToPath(new URL('../../dist/vllmd.mjs', import.meta.url));

let directory = '';
let file = '';
beforeEach(() => {
  expect(existsSync(program), 'dist/vllmd.mjs: npm run build').toBe(true);
  directory = mkdtempSync(`${tmpdir()}/vllmd-editor-`);
  file = `${directory}/runtimes.json`;
  mkdirSync(`${directory}/run`);
  writeFleet(file, sampleFleet);
});
afterEach(() => rmSync(directory, { recursive: true }));

type Session = {
  readonly code: number | null;
  readonly text: string;
};

/** The built program on a real terminal. Each answer is pressed when its question is there. */
async function onTerminal(
  argv: readonly string[],
  editor: string,
  answers: readonly (readonly [question: string, keys: string])[] = [],
): Promise<Session> {
  const path = `${directory}/editor`;
  writeFileSync(path, `#!/bin/sh\n${editor}\n`, { mode: 0o755 });
  const command = [process.execPath, program, ...argv].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qfec', `stty cols 100 rows 24; exec ${command}`, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      ...{ TERM: 'xterm', NO_COLOR: '1', VISUAL: '', EDITOR: `${path} --wait`, SEEN: directory },
      ...{ XDG_RUNTIME_DIR: `${directory}/run`, VLLMD_RUNTIMES: file },
    },
  });
  let text = '';
  let at = 0;
  const left = [...answers];
  child.stdout.on('data', (data) => {
    text += data;
    const [next] = left;
    const found = next === undefined ? -1 : text.indexOf(next[0], at);
    if (next === undefined || found === -1) return;
    left.shift();
    at = text.length;
    child.stdin.write(next[1]);
  });
  const [code] = await once(child, 'close');
  child.stdin.end();
  return { code, text };
}

/** Of the copy that the editor gets, which is its last word. */
const noteMode = 'stat -c %a "$2" "$(dirname "$2")" > "$SEEN/modes"';

test('an entry is edited in a copy that nobody else can read, and that goes', async () => {
  const editor = `${noteMode}\nsed -i 's/"Here"/"There"/' "$2"`;
  const { code, text } = await onTerminal(['hosts', 'edit', 'here'], editor);
  expect([code, text]).toEqual([0, expect.stringContaining('host here changed: display_name')]);
  expect(JSON.parse(textOf(file)).hosts[0].display_name).toBe('There');
  expect(readFileSync(`${directory}/modes`, 'utf8')).toBe('600\n700\n');
  expect(readdirSync(`${directory}/run`)).toEqual([]);
});

test('what is not valid is told and edited again, and the file stays until then', async () => {
  const before = textOf(file);
  const editor = `cat "$SEEN/runtimes.json" > "$SEEN/meanwhile"
if [ -e "$SEEN/again" ]; then sed -i 's/"nope"/"ssh"/; s/"connection": {}/"connection": {"host": "h"}/' "$2"
else touch "$SEEN/again"; sed -i 's/"local"/"nope"/' "$2"; fi`;
  const { code, text } = await onTerminal(['hosts', 'edit', 'here'], editor, [
    ['Edit it again?', 'y'],
  ]);
  expect([code, text]).toEqual([0, expect.stringContaining('expected "local" or "ssh"')]);
  expect(textOf(`${directory}/meanwhile`)).toBe(before);
  expect(JSON.parse(textOf(file)).hosts[0].transport).toBe('ssh');
});

test('what is no JSON is given up without a change, and no line of it is shown', async () => {
  const before = textOf(file);
  const editor = 'echo "{ planted-secret" > "$2"';
  const { code, text } = await onTerminal(['hosts', 'edit', 'here'], editor, [
    ['Edit it again?', 'n'],
  ]);
  expect([code, text]).toEqual([3, expect.stringContaining('no valid JSON at line 1')]);
  expect(text).not.toContain('planted-secret');
  expect([textOf(file), readdirSync(`${directory}/run`)]).toEqual([before, []]);
});

test('an editor that fails changes nothing', async () => {
  const before = textOf(file);
  const { code, text } = await onTerminal(['hosts', 'edit', 'here'], 'exit 5');
  expect([code, text]).toEqual([1, expect.stringContaining('editor exited with code 5')]);
  expect([textOf(file), readdirSync(`${directory}/run`)]).toEqual([before, []]);
});

test('what was typed is kept where the file has changed meanwhile, and can be taken from there', async () => {
  const editor = `sed -i 's/"Here"/"There"/' "$2"; chmod 644 "$2"; sed -i 's/"Small"/"Tiny"/' "$SEEN/runtimes.json"`;
  const { code, text } = await onTerminal(['hosts', 'edit', 'here'], editor);
  expect([code, text]).toEqual([5, expect.stringContaining('has changed since it was read')]);
  const [, kept = ''] = /what was typed is kept in\s+(\S+\/host-here\.json);/.exec(text) ?? [];
  expect(statSync(kept).mode & 0o777).toBe(0o600);
  const again = await onTerminal(['hosts', 'edit', 'here', '--json-from', kept], '');
  expect(again).toMatchObject({ code: 0 });
  const { hosts, models } = JSON.parse(textOf(file));
  expect([hosts[0].display_name, models[0].display_name]).toEqual(['There', 'Tiny']);
});

test('removing asks, and no leaves the file as it is', async () => {
  const before = textOf(file);
  const no = await onTerminal(['models', 'remove', 'small'], '', [["Remove model 'small'?", 'n']]);
  expect([no.code, no.text]).toEqual([0, expect.stringContaining('Cancelled.')]);
  expect(textOf(file)).toBe(before);
  const yes = await onTerminal(['models', 'remove', 'small'], '', [["Remove model 'small'?", 'y']]);
  expect([yes.code, JSON.parse(textOf(file)).models]).toEqual([0, []]);
});

test('a password is asked for, and what is typed is not shown', async () => {
  const { code, text } = await onTerminal(['hosts', 'edit', 'here', '--ask-password'], '', [
    ['Password of the ssh connection', 'planted-secret\r'],
  ]);
  expect([code, text]).toEqual([0, expect.stringContaining('changed: connection.password')]);
  expect(text).not.toContain('planted-secret');
  expect(JSON.parse(textOf(file)).hosts[0].connection.password).toBe('planted-secret');
});
