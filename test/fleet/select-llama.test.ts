import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fleet } from '../support/fleet.ts';
import { tinyModel } from '../support/gguf.ts';
import { realLlamaServer } from '../support/llama-server.ts';

const real = realLlamaServer();

const start = `${real.path} --model {source} --host 127.0.0.1 --port {port} {backend_args}`;

async function answers(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/health`)).ok;
  } catch {
    return false;
  }
}

test.skipIf(real.isMissing)(
  'llama-server in the foreground is selected, switched and stopped by a pattern of pkill',
  async () => {
    const it = await fleet();
    const model = (name: string) => {
      const source = join(it.folder, `${name}.gguf`);
      writeFileSync(source, tinyModel());
      return { source, start_cmd: start };
    };
    it.write({
      models: { one: model('one'), two: model('two'), broken: { start_cmd: start } },
      backend: { args: ['--threads', '1', '--no-ui'] },
      // Of this folder alone: others may run a llama-server of their own.
      hosts: {
        here: {
          model_control: { stop_cmd: `pkill -f "llama-server --model ${it.folder}" || true` },
        },
      },
    });
    for (const name of ['one', 'two']) {
      const { code, err } = await it.select('--model', name);
      expect(code, err).toBe(0);
      const models = await fetch(`http://127.0.0.1:${it.port}/v1/models`);
      expect(await models.text()).toContain(`${name}.gguf`);
    }
    const { code, err } = await it.select('--model', 'broken');
    expect(code, err).toBe(4);
    expect(err).toContain('what was started has ended with exit code 1');
    expect(err).toContain('/models/broken.gguf');
    expect(await answers(it.port)).toBe(false);
    expect(it.hasRecord()).toBe(false);
  },
);
