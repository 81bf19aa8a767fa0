import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { exitCodes } from '../../src/core/failure.ts';
import { createMemoryHost } from '../../src/host/memory-host.ts';
import { mutatedConfig, randomBytes } from '../support/mutations.ts';
import { configsFromSchema, SECRET } from '../support/schema-configs.ts';
import { readmeTells, tally } from '../support/tally.ts';
import { tomlOf } from '../support/toml-text.ts';
import { describedHost, testWorld } from '../support/world.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const tried = tally('inputs tried');
const SEED = 20_261_126;
const host = describedHost();

async function answerTo(argv: readonly string[], bytes: Uint8Array) {
  const world = testWorld(host, {
    readConfigFile: () => ({ kind: 'bytes', bytes }),
    treeHost: () => createMemoryHost(),
  });
  const code = await run(argv, world);
  return { code, out: world.out(), err: world.err() };
}

/** What a config may be told by these two: that it is good, what is wrong with it, or with a file that it names. */
const ANSWERS: readonly number[] = [exitCodes.ok, exitCodes.config, exitCodes.preflight];

async function tryCommands(kind: string, bytes: Uint8Array) {
  const outputs: string[] = [];
  for (const command of [
    ['validate', 'x'],
    ['render', '--config', 'x', '--out', '/out'],
  ]) {
    for (const form of [[], ['--json']]) {
      const { code, out, err } = await answerTo([...command, ...form], bytes);
      expect(ANSWERS, out + err).toContain(code);
      if (form.length > 0) JSON.parse(out);
      outputs.push(out, err);
    }
  }
  tried.add(kind);
  return outputs.join('');
}

test('no config makes a command line end as a bug does, and its keys are in no output', async () => {
  await fc.assert(
    fc.asyncProperty(tomlOf(configsFromSchema(10)), async ({ text }) => {
      expect(await tryCommands('drawn', Buffer.from(text))).not.toContain(SECRET);
    }),
    { numRuns: 250, seed: SEED },
  );
});

test('nor does a damaged one, or one that is none', async () => {
  const inputs = fc.oneof(
    mutatedConfig.map(({ bytes }) => bytes),
    randomBytes,
  );
  await fc.assert(
    fc.asyncProperty(inputs, async (bytes) => {
      await tryCommands('damaged', bytes);
    }),
    { numRuns: 450, seed: SEED },
  );
});

readmeTells('test/fuzz/commands.test.ts', tried.sum);
