import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { CheckedLlama } from '../../src/core/llama/check.ts';
import { presetsOf } from '../../src/core/llama/export/presets.ts';
import { referenceTable as table } from '../../src/core/llama/options/option-table.ts';
import type { ServerOption } from '../../src/core/llama/options/parse-help.ts';
import { readWords, usesOf } from '../../src/core/llama/uses.ts';
import { tinyModel } from '../support/gguf.ts';
import { checked, exportedInstance, fileOf } from '../support/llama-exports.ts';
import { ask, listen, realLlamaServer } from '../support/llama-server.ts';

const real = realLlamaServer();

type Listed = {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly status: { readonly args: readonly string[] };
};

/** Starts a router with presets, and asks what it would start. */
async function routerOf(text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'vllmd-presets-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'presets.ini');
  writeFileSync(path, text);
  const router = await listen(real.path, ['--models-preset', path]);
  const answer = await (await fetch(`${router.url}/models`)).text();
  const { data }: { readonly data: readonly Listed[] } = JSON.parse(answer);
  return { ...router, models: data };
}

/** By option: values in the order in which they count. */
type Values = ReadonlyMap<ServerOption, readonly string[]>;

function valuesOf(
  uses: readonly { readonly flag: string; readonly value?: string | undefined }[],
): Values {
  const values = new Map<ServerOption, readonly string[]>();
  for (const {
    flag,
    value = flag.startsWith('--no-') || flag === '-nkvo' ? 'off' : 'on',
  } of uses) {
    const option = table.find(flag);
    if (option === undefined) throw new Error(flag);
    const before = table.isList(flag) ? (values.get(option) ?? []) : [];
    values.set(option, [...before, ...value.split(table.isList(flag) ? ',' : '\0')]);
  }
  return values;
}

/** Of the router and not of the file, or of how the router is called. */
const OTHERS = ['--host', '--port', '--alias', '--api-key', '--log-colors', '--threads', '--ui'];

function withoutOthers(values: Values): Values {
  return new Map([...values].filter(([{ names }]) => !names.some((name) => OTHERS.includes(name))));
}

function expectListed(models: readonly Listed[], file: CheckedLlama): void {
  expect(models.map(({ id }) => id).toSorted()).toEqual(
    file.instances.map(({ name }) => name).toSorted(),
  );
  for (const instance of file.instances) {
    const { args = [] } = models.find(({ id }) => id === instance.name)?.status ?? {};
    const words = args.slice(1).map((value) => ({ value, pointer: '' }));
    const started = readWords(words, table).map(({ flag, values: [first] }) => ({
      flag: flag.value,
      value: first?.value,
    }));
    expect(withoutOthers(valuesOf(started))).toEqual(
      withoutOthers(valuesOf(usesOf(instance, table))),
    );
  }
}

test.skipIf(real.isMissing)(
  'llama-server would start each instance of its presets with the options of the file',
  async () => {
    const file = checked({
      instance: {
        server: { n_gpu_layers: 99, flash_attn: 'auto', metrics: true },
        'llama-3.1': {
          server: { model: '/m/a b.gguf', port: 1, alias: 'llama3,l3', ctx_size: 8192, temp: 0 },
        },
        default: {
          control: { gpu_ids: 'none' },
          server: {
            model: '/m/"quoted" \'x\' \\ $HOME %i.gguf',
            port: 2,
            lora: ['/a', '/b,c'],
            no_warmup: true,
            chat_template: '',
            override_kv: ['a=int:1', 'b=str:[x]'],
            extra_args: ['-nkvo', '-c', '512', '--top-k', '5', '--cont-batching'],
          },
        },
      },
    });
    const result = presetsOf(file);
    if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
    const { models } = await routerOf(result.value.text);
    expectListed(models, file);
    expect(models.map(({ aliases }) => aliases)).toEqual(
      expect.arrayContaining([['l3', 'llama3']]),
    );
  },
);

test.skipIf(real.isMissing)(
  'so it would whatever stands in the values, where they are not refused',
  async () => {
    const drawn = fc.sample(exportedInstance, { numRuns: 800, seed: 20_261_126 });
    const good = drawn.filter((one) => presetsOf(checked(fileOf([one]))).ok);
    expect(good.length).toBeGreaterThan(40);
    const file = checked(fileOf(good));
    const result = presetsOf(file);
    if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
    const { models } = await routerOf(result.value.text);
    expectListed(models, file);
  },
);

test.skipIf(real.isMissing)(
  'an exported instance answers behind the router, by its name and by its alias',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vllmd-model-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const model = join(folder, 'tiny.gguf');
    writeFileSync(model, tinyModel());
    const file = checked({
      instance: { tiny: { server: { model, port: 1, alias: 'small', ctx_size: 512 } } },
    });
    const result = presetsOf(file);
    if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
    const { url } = await routerOf(result.value.text);
    for (const name of ['tiny', 'small']) {
      const asked = { model: name, prompt: 'a', n_predict: 2 };
      expect((await ask(`${url}/v1/completions`, asked)).status).toBe(200);
    }
  },
);
