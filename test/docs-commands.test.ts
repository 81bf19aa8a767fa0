import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import schema from '../schemas/vllmd-hypervisor-config-schema.json' with { type: 'json' };
import { commands } from '../src/cli/define/commands.ts';
import { everySyntax, syntaxOf } from '../src/cli/define/grammar.ts';
import { shareFiles } from '../src/cli/share-files.ts';
import { packages } from '../src/core/preflight/software.ts';
import {
  codeBlocks,
  documents,
  readText,
  type ShownCommand,
  shownCommands,
} from './support/doc-lines.ts';
import { type Trial, trials, tryLine } from './support/documented.ts';
import type { Simulation } from './support/systemd.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const shown = shownCommands();
const lines = [...new Map(shown.map((command) => [command.line, command])).values()];
const shownOutput = shown.filter(({ output = [] }) => output.length > 0);
const asPair = ({ where, line }: ShownCommand) => [where, line] as const;
const calls = lines.filter(({ line }) => /^vllmd\b/.test(line));

test.for(calls.map(asPair))('%s: %s does what it is shown for', async ([where, line]) => {
  const trial = trials[line];
  if (trial === undefined) {
    throw new Error(
      `${where}: no test knows \`${line}\`; say in \`trials\` of test/support/documented.ts on which host it is tried, and what it says there`,
    );
  }
  const machine = await hostFor(trial);
  const { code, out, err } = await tryLine(machine, line, trial.env);
  expect(code, out + err).toBe(trial.code ?? 0);
  expect(out + err).toMatch(trial.says);
  for (const { output = [] } of shownOutput.filter((one) => one.line === line)) {
    expect(missingFrom(out + err, output), 'shown in this order').toEqual([]);
  }
  if (trial.writes !== undefined) expect(machine.entries.get(trial.writes)?.type).toBe('file');
  if (trial.after === undefined) return;
  const [looks, says] = trial.after;
  const next = await tryLine(machine, looks);
  expect(next.out + next.err).toMatch(says);
});

const made = new Map<Trial['on'], Promise<Simulation>>();

/** Hosts are made once, and every trial gets a copy. */
async function hostFor({ on }: Trial): Promise<Simulation> {
  const first = made.get(on) ?? on();
  made.set(on, first);
  return (await first).fork();
}

/** What of these lines is not there, in their order. */
function missingFrom(text: string, wanted: readonly string[]): readonly string[] {
  const printed = text.split('\n');
  let next = 0;
  return wanted.filter((line) => {
    const at = printed.indexOf(line, next);
    if (at >= 0) next = at + 1;
    return at < 0;
  });
}

test('every trial is of a line that is shown', () => {
  const stale = Object.keys(trials).filter((line) => !calls.some((one) => one.line === line));
  expect(stale, 'take these out of `trials` in test/support/documented.ts').toEqual([]);
});

/** Of lines that are not run: what of them is checked. Undefined, or what is wrong. */
type Check = (words: readonly string[]) => string | undefined;

const scripts: Readonly<Record<string, string>> = JSON.parse(readText('package.json')).scripts;
const ownPackage = `./vllmd_${JSON.parse(readText('package.json')).version}_all.deb`;
const pages = shareFiles({ version: '0', date: '', schema, example: '' });
const unit = /^(.*?)(?:@.*)?(\.\w+)$/;
const install = everySyntax(syntaxOf(commands)).find(({ path }) => path.join(' ') === 'install');

/** By program. These change the machine, so they are looked at only. */
const programs: Readonly<Record<string, Check>> = {
  // That there is such a script.
  npm: ([what = '', name = '']) => {
    if (what === 'ci')
      return existsSync(join(root, 'package-lock.json')) ? undefined : 'no lock file';
    const script = what === 'run' ? name : what;
    return Object.hasOwn(scripts, script) ? undefined : `no script ${script} in package.json`;
  },
  // That its options exist; test/install.test.ts runs it.
  './install.sh': (words) => {
    const own = [...readText('install.sh').matchAll(/--[\w-]+/g)].map(([flag]) => flag);
    const known = new Set([...own, ...(install?.flags.flatMap(({ names }) => names) ?? [])]);
    return words.find((word) => word.startsWith('-') && !known.has(word.replace(/=.*/, '')));
  },
  // That a check of the host asks for each package, or that `npm run package` makes it.
  apt: ([what, ...names]) => {
    if (what === 'purge') return names.join() === 'vllmd' ? undefined : names.join(' ');
    if (what === 'install' && names.join() === ownPackage) return undefined;
    const known = Object.values(packages).map(({ debian }) => debian);
    if (what !== 'install') return `apt ${what}`;
    return names.find((name) => !known.includes(name));
  },
  // That the account is the one of the config below it.
  useradd: (words) => (words.at(-1) === 'vllm' ? undefined : `the config has another user`),
  // That vllmd has such a unit.
  systemctl: ([verb = '', name = '']) => {
    if (!['status', 'start', 'stop', 'restart'].includes(verb)) return `systemctl ${verb}`;
    const template = name.replace(
      unit,
      (_, base, type) => `${base}${name.includes('@') ? '@' : ''}${type}`,
    );
    return existsSync(join(root, `templates/${template}.hbs`)) ? undefined : `no unit ${name}`;
  },
  // That a script of completions comes by the pipe before it, which is run as a line of its own.
  source: (words) => (words.length === 0 ? undefined : `source ${words.join(' ')}`),
  // That an example asks the server of its document; test/llama-docs.test.ts and test/hive-docs.test.ts have it answer.
  curl: ([url = '']) =>
    /^"?http:\/\/127\.0\.0\.1:(?:8080|8800)\//.test(url) ? undefined : `curl ${url}`,
  // That the line is one of docs/hive.md, all of which test/hive-docs.test.ts runs.
  ...Object.fromEntries(
    ['llama-server', 'openssl', 'sha256sum', 'tr', 'umask'].map((name) => [
      name,
      (words: readonly string[]) => {
        const line = [name, ...words].join(' ');
        return readText('docs/hive.md').includes(line) ? undefined : line;
      },
    ]),
  ),
  // That the line is one of docs/fleet.md, all of which test/fleet-docs.test.ts runs.
  ...Object.fromEntries(
    ['cat', 'chmod', 'echo', 'flock', 'ssh-keygen', 'ssh-keyscan'].map((name) => [
      name,
      (words: readonly string[]) => {
        const line = [name, ...words].join(' ');
        return readText('docs/fleet.md').includes(line) ? undefined : line;
      },
    ]),
  ),
  // That there is such a playbook; test/ansible/rollout.test.ts plays it.
  'ansible-playbook': ([name = '']) =>
    existsSync(join(root, 'packaging/ansible', name)) ? undefined : `no playbook ${name}`,
  // That the page is built.
  man: ([name = '']) => {
    const files = [`man/man1/${name}.1`, `man/man5/${name}.5`];
    return files.some((file) => pages.has(file)) ? undefined : `no page ${name}`;
  },
};

test.for(lines.filter((command) => !calls.includes(command)).map(asPair))(
  '%s: what %s names is there',
  ([where, line]) => {
    const [program = '', ...words] = line.split(' ');
    const check = Object.hasOwn(programs, program) ? programs[program] : undefined;
    if (check === undefined) {
      throw new Error(
        `${where}: no test knows \`${line}\`; add its program to \`programs\` of test/docs-commands.test.ts, with what can be checked of it`,
      );
    }
    expect(check(words)).toBeUndefined();
  },
);

/** Of languages that are shown, not run. A block without one is output. */
const output = new Set(['', 'diff', 'json', 'yaml', 'ini', 'text']);

test('every block of code is a config, commands, or shown output without commands', () => {
  for (const { path, text } of documents) {
    for (const { language, body } of codeBlocks(text)) {
      if (['toml', 'sh', 'console'].includes(language)) continue;
      // Examples of rules: test/rules/config-pages.test.ts has each of them accepted or refused.
      if (/^(?:toml|json|yaml) (?:right|wrong)\b/.test(language)) continue;
      const why = `${path}: mark a config as toml, commands as sh, and a session as console; other languages are listed in test/docs-commands.test.ts`;
      expect(output.has(language), `${why}, and \`${language}\` is not`).toBe(true);
      expect(body, why).not.toMatch(/^(?:\$ |sudo |vllmd [a-z]|\[\[?[a-z]+\]\]?$)/m);
    }
  }
});
