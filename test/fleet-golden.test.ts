import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run } from '../src/cli/run.ts';
import { loadFleet } from '../src/core/fleet/load.ts';
import { secretsOf } from '../src/core/fleet/redact.ts';
import { fleetPlanHuman } from '../src/core/report/fleet-select-human.ts';
import { plainStyle } from '../src/core/report/style.ts';
import { readConfigFile } from '../src/host/config-file.ts';
import { planned, recordOf } from './core/fleet/plan/samples.ts';
import { FIXTURES } from './support/fixtures.ts';
import { describedHost, testWorld } from './support/world.ts';

const cases = readdirSync(FIXTURES).filter((name) => name.startsWith('fleet-'));

async function answerTo(name: string, argv: readonly string[]) {
  const world = testWorld(describedHost(), {
    cwd: FIXTURES + name,
    // Nothing runs: there is no such folder.
    env: { XDG_STATE_HOME: `${FIXTURES}${name}/state` },
    readConfigFile: (path) => {
      const found = readConfigFile(path);
      // Of the mode that a file has in a checkout nothing is promised.
      return found.kind === 'bytes' ? { ...found, permissions: 0o600 } : found;
    },
  });
  const code = await run([...argv, '--file', 'runtimes.json'], world);
  return { code, out: world.out(), err: world.err() };
}

const sections = ['hosts', 'backends', 'models'];

test.for(cases)('%s is listed, shown and checked as expected', async (name) => {
  const texts: string[] = [];
  const documents: Record<string, unknown> = {};
  for (const section of sections) {
    const list = await answerTo(name, [section]);
    expect(list.code).toBe(0);
    texts.push(`$ vllmd ${section}\n${list.out}`);
    const { out } = await answerTo(name, [section, '--json']);
    const document: Record<string, readonly { readonly id: string }[]> = JSON.parse(out);
    documents[section] = document;
    for (const { id } of document[section] ?? []) {
      const shown = await answerTo(name, [section, 'show', id]);
      expect(shown.code).toBe(0);
      texts.push(`$ vllmd ${section} show ${id}\n${shown.out}`);
    }
    const checked = await answerTo(name, [section, 'validate']);
    expect(checked).toEqual({ ...checked, code: 0, out: 'runtimes.json is valid.\n' });
    expect(checked.err).toBe(list.err);
    if (section === 'models') texts.push(`$ vllmd models validate\n${checked.err}${checked.out}`);
  }
  await expect(texts.join('\n')).toMatchFileSnapshot(`${FIXTURES}${name}/expected/shown.txt`);
  const json = `${JSON.stringify(documents, undefined, 2)}\n`;
  await expect(json).toMatchFileSnapshot(`${FIXTURES}${name}/expected/list.json`);
});

test.for(cases)('%s: the first start of each model is planned as expected', async (name) => {
  const texts: string[] = [];
  const documents: unknown[] = [];
  const { models } = fileOf(name);
  for (const { id } of models) {
    const plan = ['select', '--model', id, '--dry-run'];
    const text = await answerTo(name, [...plan, '--verbose']);
    const json = await answerTo(name, [...plan, '--json']);
    expect([text.code, json.code]).toEqual([0, 0]);
    texts.push(`$ vllmd ${plan.join(' ')} --verbose\n${text.out}`);
    documents.push(JSON.parse(json.out));
  }
  await expect(texts.join('\n')).toMatchFileSnapshot(`${FIXTURES}${name}/expected/plans.txt`);
  const json = `${JSON.stringify(documents, undefined, 2)}\n`;
  await expect(json).toMatchFileSnapshot(`${FIXTURES}${name}/expected/plans.json`);
});

test.for(cases)('%s: each switch from model to model is planned as expected', async (name) => {
  const file = fileOf(name);
  const options = { isVerbose: true, secrets: secretsOf(file), style: plainStyle };
  const texts = file.models.flatMap(({ id: from }) => {
    const active = recordOf(planned(file, from));
    return file.models.map(({ id: to }) => {
      const plan = planned(file, to, { active });
      return `${from} runs, ${to} is selected\n${fleetPlanHuman(plan, options)}`;
    });
  });
  await expect(texts.join('\n')).toMatchFileSnapshot(`${FIXTURES}${name}/expected/switches.txt`);
});

function fileOf(name: string) {
  const bytes = readFileSync(`${FIXTURES}${name}/runtimes.json`);
  const options = { mode: 'strict', file: 'runtimes.json', permissions: 0o600 } as const;
  const { result } = loadFleet(bytes, options);
  if (!result.ok) throw new Error(`${name} is not valid`);
  return result.value.file;
}

test('there is a case for every example of the contract', () => {
  expect(cases).toEqual(['fleet-contract-1', 'fleet-contract-2', 'fleet-contract-3']);
});
