import { expect, test } from 'vitest';
import { explainRule, listRules } from '../../src/cli/commands/explain-rule.ts';
import { run } from '../../src/cli/run.ts';
import { explanations } from '../../src/core/catalogue/explanations.gen.ts';
import { loadConfig } from '../../src/core/config/load.ts';
import { describedHost, testWorld } from '../support/world.ts';

async function asked(id: string, json = false): Promise<string> {
  const world = testWorld(describedHost());
  expect(await explainRule(id, { json }, world)).toBe(0);
  expect(world.err()).toBe('');
  return world.out();
}

async function listed(json = false): Promise<string> {
  const world = testWorld(describedHost());
  expect(await listRules({ json }, world)).toBe(0);
  return world.out();
}

test('a rule is explained with what is said of its wrong example', async () => {
  const text = await asked('index-unique');
  expect(text).toMatch(/^index-unique\nEach runtime has an index of its own\.\n\nWhy: /);
  expect(text).toContain('\n  error[index-unique]: runtimes[1].index: 1 is already used by');
});

test('the same is there as JSON, with examples that can be used as they are', async () => {
  const answer = JSON.parse(await asked('gpu-assigned-once', true));
  expect(answer).toMatchObject({
    format_version: '1.0',
    rules: [
      {
        id: 'gpu-assigned-once',
        area: 'Keys of a config that belong together',
        title: 'A GPU is in one runtime only.',
        why: expect.stringMatching(/^VFIO gives/),
        what_to_do: expect.stringMatching(/^remove the address/),
        source: expect.stringContaining('vfio.rst'),
      },
    ],
  });
  const [{ wrong, right }] = answer.rules;
  const isValid = (text: string) => loadConfig(new TextEncoder().encode(text)).result.ok;
  expect([wrong, right].map(isValid)).toEqual([false, true]);
});

test('lines are no wider than a terminal, where no word and no place is', async () => {
  for (const { id, kind } of explanations) {
    if (kind === 'definition') continue;
    const [prose = ''] = (await asked(id)).split('\nWrong:');
    const wide = prose.split('\n').filter((line) => line.length > 80 && line.includes(' '));
    expect(wide, id).toEqual([]);
  }
});

test.for([80, 60])(
  'on a terminal of %i columns only what is to be copied is wider',
  async (columns) => {
    const written: string[] = [];
    const write = (text: string) => void written.push(text);
    const plain = testWorld(describedHost());
    const world = { ...plain, stdout: { ...plain.stdout, write, columns } };
    await listRules({ json: false }, world);
    for (const { id } of explanations) await explainRule(id, { json: false }, world);
    const examples = explanations.flatMap((one) =>
      one.kind === 'rule' ? [one.wrong, one.right] : [],
    );
    const copied = new Set(
      examples.flatMap((text = '') => text.split('\n').map((line) => `  ${line}`)),
    );
    const isCopied = (line: string) =>
      copied.has(line) || /`|^ +(?:-->|:::|\d* \|)|^ *\S+$/.test(line);
    const wide = written
      .join('')
      .split('\n')
      .filter((line) => line.length > columns);
    expect(wide.filter((line) => !isCopied(line))).toEqual([]);
  },
);

test('an id that is none ends with exit code 1, the one that was meant, or where all are', async () => {
  const failure = (id: string) => explainRule(id, { json: false }, testWorld(describedHost()));
  await expect(failure('gpu-asigned-once')).rejects.toMatchObject({
    exit: 'notFound',
    message: '"gpu-asigned-once": there is no such rule',
    hint: 'did you mean `vllmd explain gpu-assigned-once`?',
  });
  await expect(failure('something\u001b[2J')).rejects.toMatchObject({
    message: '"something\\u{1b}[2J": there is no such rule',
    hint: '`vllmd explain --rules` lists them',
  });
});

async function command(...argv: readonly string[]) {
  const world = testWorld(describedHost(), { readConfigFile: () => ({ kind: 'absent' }) });
  const code = await run(['explain', ...argv], world);
  return { code, out: world.out(), err: world.err() };
}

test('the command takes a rule where there is no config, also one that is nearly spelled right', async () => {
  expect(await command('index-unique')).toEqual({
    code: 0,
    out: await asked('index-unique'),
    err: '',
  });
  expect(await command('--rules')).toEqual({ code: 0, out: await listed(), err: '' });
  expect(await command('index-uniqe')).toEqual({
    code: 1,
    out: '',
    err: 'error: "index-uniqe": there is no such rule\n  help: did you mean `vllmd explain index-unique`?\n',
  });
});

test('what is no rule is looked for in a config, and a wrong command line is one', async () => {
  expect(await command('network.mode')).toMatchObject({ code: 66 });
  for (const key of ['network', 'user', 'memory', 'cpus']) {
    const { code, err } = await command(key);
    expect([code, err]).toEqual([66, expect.stringMatching(/^error: there is no config file/)]);
  }
  expect(await command('nosuch-rule')).toMatchObject({
    code: 66,
    err: expect.stringMatching(
      /^error: "nosuch-rule" is no rule; there is no config file.*\n {2}help: `vllmd explain --rules` lists/,
    ),
  });
  expect((await command('nosuch-rule', '-c', '/none.toml')).err).toMatch(
    /^error: "nosuch-rule" is no rule; .*none\.toml.*\n {2}help: `vllmd explain --rules` lists the rules\n$/,
  );
  expect(await command('')).toMatchObject({ code: 64, err: expect.stringContaining('--rules') });
  expect(await command()).toMatchObject({ code: 64, err: expect.stringContaining('--rules') });
  expect(await command('--rules', 'index-unique')).toMatchObject({ code: 64 });
});

test('the list has every rule with what it is about, in the order of the areas', async () => {
  const text = await listed();
  for (const { id } of explanations) expect(text).toMatch(new RegExp(`^  ${id} +\\S`, 'm'));
  const headings = text.match(/^\S.*$/gm);
  expect(headings?.slice(0, 3)).toEqual([
    'The text of a config',
    'Keys and values of a config',
    'Keys of a config that belong together',
  ]);
  expect(JSON.parse(await listed(true)).rules).toHaveLength(explanations.length);
});
