import { afterAll, expect } from 'vitest';
import { render } from '../../src/cli/commands/render.ts';
import { validate } from '../../src/cli/commands/validate.ts';
import type { ConfigInput } from '../../src/core/config/config-input.gen.ts';
import { decodeConfig, readableText } from '../../src/core/config/decode.ts';
import { loadConfig } from '../../src/core/config/load.ts';
import type { Mode } from '../../src/core/config/mode.ts';
import { visible } from '../../src/core/control-characters.ts';
import { exitCodes, VllmdError } from '../../src/core/failure.ts';
import { FORMAT_VERSION } from '../../src/core/report/format-version.ts';
import { resolve } from '../../src/core/resolve/resolve.ts';
import { readAccount } from '../../src/host/inspect.ts';
import { createMemoryHost } from '../../src/host/memory-host.ts';
import { expectReadBack } from './read-back.ts';
import type { Tree } from './said.ts';
import { tally } from './tally.ts';
import { describedHost, testWorld } from './world.ts';

/** What `guest.user_data` may name: each kind of text that goes its own way into the seed image. */
const userData: Readonly<Record<string, string>> = {
  '/srv/user-data/config': '#cloud-config\nruncmd:\n  - echo "--==vllmd=="\n--==vllmd==\n',
  '/srv/user-data/script': '#!/bin/sh\r\necho "ü 👩‍👩‍👧 \u202e"\n\n',
  '/srv/user-data/mime':
    'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="=="\n\n--==\n\n#!/bin/sh\n--==--\n',
};

/** What `runtimes.llama.config` may name: with a secret that only the account of a guest's files gets, and with nothing to run. */
const llamaFiles: Readonly<Record<string, string>> = {
  '/srv/llama/one.toml':
    '[instance."a-2.5".server]\nmodel = "/m/%i $HOME.gguf"\nport = 8080\nextra_args = ["--chat-template", "\\"%% $$"]\n',
  '/srv/llama/none.toml': '[master]\nenable = false\n',
};

const host = describedHost({ files: { ...userData, ...llamaFiles } });
const MACHINE_ID = '0123456789abcdef0123456789abcdef';

export type Asked = { readonly code: number; readonly out: string; readonly err: string };

/** A command's own function with the file as its config: anything thrown that is no answer to an operator is a bug. */
async function ask(bytes: Uint8Array, command: 'validate' | 'render', options: Options) {
  const tree = createMemoryHost();
  const world = testWorld(host, {
    readConfigFile: (path) =>
      path === '/config.toml' ? { kind: 'bytes', bytes } : { kind: 'absent' },
    treeHost: () => tree,
  });
  const given = { config: '/config.toml', ...options };
  const done =
    command === 'validate' ? validate(given, world) : render({ ...given, out: '/out' }, world);
  const code = await done.catch((error: unknown) => {
    if (error instanceof VllmdError && error.exit !== 'unexpected') return exitCodes[error.exit];
    throw error;
  });
  return { code, out: world.out(), err: world.err(), entries: tree.entries };
}

type Options = { readonly json: boolean; readonly lenient: boolean };

type Outcome = {
  readonly name: 'accepted' | 'accepted leniently' | 'refused' | 'refused for its host';
  /** What was read, where it was accepted. */
  readonly input?: ConfigInput;
  readonly isNoToml?: boolean;
};

/** Counts what a file of tests tries, by kind and outcome, and names the input that took longest. */
export function inputs() {
  const tried = tally('inputs tried');
  const slowest = { milliseconds: 0, what: 'none' };
  afterAll(() => {
    process.stderr.write(
      `slowest input: ${slowest.what}, ${Math.round(slowest.milliseconds)} ms\n`,
    );
  });
  const tryAs = async (kind: string, bytes: Uint8Array): Promise<ConfigInput | undefined> => {
    const start = performance.now();
    const { name, input } = await tryInput(bytes);
    const milliseconds = performance.now() - start;
    if (milliseconds > slowest.milliseconds) {
      const beginning = visible(readableText(bytes.subarray(0, 60)));
      Object.assign(slowest, {
        milliseconds,
        what: `${kind}, ${bytes.length} bytes, ${beginning}`,
      });
    }
    tried.add(`${kind} ${name}`);
    return input;
  };
  return { tried, tryAs };
}

/** One input in both modes: what is no TOML is none in either. */
async function tryInput(bytes: Uint8Array): Promise<Outcome> {
  const strict = await tryMode(bytes, 'strict');
  if (strict.isNoToml === true) return strict;
  const { result } = loadConfig(bytes, 'lenient');
  if (strict.input !== undefined) {
    expect(result).toEqual({ ok: true, value: strict.input, warnings: [] });
    return strict;
  }
  if (strict.name !== 'refused' || !result.ok) return strict;
  const lenient = await tryMode(bytes, 'lenient');
  return lenient.name === 'accepted' ? { name: 'accepted leniently' } : lenient;
}

/** Through `validate` and `render`, and so problems in both their forms; what is rendered is read back. */
async function tryMode(bytes: Uint8Array, mode: Mode): Promise<Outcome> {
  const lenient = mode === 'lenient';
  const checked = await ask(bytes, 'validate', { json: true, lenient });
  const rendered = await ask(bytes, 'render', { json: false, lenient });
  expectSafe(checked);
  expectSafe(rendered);
  expectPlaces(bytes, checked);
  if (checked.code !== exitCodes.ok) {
    expect([checked.code, rendered.code]).toEqual([exitCodes.config, exitCodes.config]);
    const isNoToml = /"rule": "(?:toml-syntax|config-not-text)"/.test(checked.out);
    return { name: 'refused', isNoToml };
  }
  const { result } = loadConfig(bytes, mode);
  if (!result.ok) throw new Error('accepted and refused at once');
  const input: ConfigInput = result.value;
  const named = input.guest?.user_data ?? '';
  const llama = [
    ...(input.runtimes ?? []).flatMap((runtime) => runtime.llama?.config ?? []),
    ...(input.hive?.llama_config === undefined ? [] : [input.hive.llama_config]),
  ];
  const isKnown = llama.every((path) => llamaFiles[path] !== undefined);
  if ((named !== '' && userData[named] === undefined) || !isKnown) {
    expect(rendered.code).toBe(exitCodes.preflight);
    return { name: 'refused for its host' };
  }
  expect(rendered.code).toBe(exitCodes.ok);
  const account = await readAccount(host, input.global.user);
  const desired = resolve(input, account, MACHINE_ID);
  const texts: [string, string][] = [];
  for (const [path, entry] of rendered.entries) {
    if (entry.type === 'file') texts.push([path, entry.text]);
  }
  const tree: Tree = new Map(texts);
  expectReadBack(input, desired, tree, userData[named] ?? '');
  return { name: 'accepted', input };
}

/** No value of a config can forge a line, move the cursor or turn the reading direction of what is printed. */
export function expectSafe({ out, err }: Asked): void {
  expect(/[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?!\n)\p{Cc}/u.exec(out + err)).toBeNull();
  if (out.startsWith('{'))
    expect(JSON.parse(out)).toMatchObject({ format_version: FORMAT_VERSION });
}

type Place = {
  readonly line?: number;
  readonly column?: number;
  readonly end_line?: number;
  readonly end_column?: number;
};
type Problem = Place & {
  readonly rule: string;
  readonly message: string;
  readonly notes?: readonly Place[];
};

/** Each problem says where it is, and the place is one of the file; so are the other places that it names. */
export function expectPlaces(bytes: Uint8Array, { out }: Asked): void {
  const decoded = decodeConfig(bytes);
  const lines = (decoded.ok ? decoded.value : readableText(bytes)).split('\n');
  const answer: { readonly diagnostics: readonly Problem[] } = JSON.parse(out);
  for (const problem of answer.diagnostics) {
    const places = [problem, ...(problem.notes ?? [])];
    const outside = places.find((place) => !isInside(place, lines));
    if (outside !== undefined) throw new Error(`no place of the file: ${JSON.stringify(outside)}`);
    if (problem.rule === 'config-not-text') expectByte(bytes, problem.message);
  }
}

function isInside(place: Place, lines: readonly string[]): boolean {
  const { line = 0, column = 0, end_line: last = 0, end_column: end = 0 } = place;
  const lengthOf = (number: number) => lines[number - 1]?.length ?? -1;
  const isForward = last > line || (last === line && end > column);
  // One further, where what is missing would stand.
  return isForward && column >= 1 && column <= lengthOf(line) + 1 && end <= lengthOf(last) + 2;
}

function expectByte(bytes: Uint8Array, message: string): void {
  const [, byte] = /at byte (-?\d+):/.exec(message) ?? [];
  if (message.startsWith('the file is UTF-16')) expectWide(bytes);
  else if (message.startsWith('a NUL byte')) expect(bytes[Number(byte)]).toBe(0);
  else expectFirst(bytes, Number(byte));
}

/** By its byte order mark, or by the NUL beside its first character. */
function expectWide([a = 0, b = 0]: Uint8Array): void {
  const hasMark = Math.min(a, b) === 0xfe && Math.max(a, b) === 0xff;
  expect(hasMark || (a === 0) !== (b === 0)).toBe(true);
}

/** All before it is text, and it is not. */
function expectFirst(bytes: Uint8Array, offset: number): void {
  const isText = (part: Uint8Array) => part.indexOf(0) < 0 && decodeConfig(part).ok;
  const start = Math.max(0, offset);
  const ends = [start, start + 1, start + 2, start + 3, start + 4];
  expect({ offset, isText: ends.map((end) => isText(bytes.subarray(0, end))) }).toEqual({
    offset: start,
    isText: [true, false, false, false, false],
  });
}
