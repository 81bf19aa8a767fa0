import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run } from '../src/cli/run.ts';
import { renderLlama } from '../src/core/kinds/llama-server/llama-server.ts';
import { isOwnPath } from '../src/core/plan/manifest.ts';
import { llamaLayer } from '../src/core/resolve/layer.ts';
import { readLlamaFacts } from '../src/host/read-llama-facts.ts';
import { description, FIXTURES, walk } from './support/fixtures.ts';
import { instancesOf } from './support/llama-host.ts';
import { describedHost, testWorld } from './support/world.ts';

const cases = readdirSync(FIXTURES).filter((name) => name.startsWith('llama-install-'));

async function artefactsOf(name: string) {
  const instances = instancesOf(readFileSync(`${FIXTURES}${name}/instances.toml`, 'utf8'));
  const facts = await readLlamaFacts(describedHost(description(name)), instances, undefined);
  return renderLlama(instances, facts);
}

test.for(cases)('%s is exactly as expected', async (name) => {
  const root = `${FIXTURES}${name}/expected`;
  const produced = new Map<string, string>();
  const shown = async (file: string, ...more: readonly string[]) => {
    const world = testWorld(describedHost(description(name)), { cwd: FIXTURES + name });
    const command = ['llama', 'install', '--config', 'instances.toml', '--dry-run', ...more];
    const code = await run(command, world);
    produced.set(file, world.out());
    return `${world.err()}exit code ${code}\n`;
  };
  produced.set('stderr.txt', await shown('plan.txt', '--detailed-exitcode'));
  await shown('plan.json', '--json');
  for (const artefact of await artefactsOf(name)) {
    if (artefact.type === 'file') produced.set(`tree${artefact.path}`, artefact.text);
    if (artefact.type === 'link') produced.set(`tree${artefact.path}`, `-> ${artefact.target}\n`);
  }
  for (const [path, text] of produced) {
    await expect(text).toMatchFileSnapshot(`${root}/${path}`);
  }
  expect(walk(root).filter((path) => !produced.has(path))).toEqual([]);
});

test('every path that is rendered is one that the record of this layer may name', async () => {
  for (const name of cases) {
    for (const { path, type } of await artefactsOf(name)) {
      if (type !== 'directory') expect([path, isOwnPath(path, llamaLayer)]).toEqual([path, true]);
    }
  }
});
