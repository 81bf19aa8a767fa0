import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { codeBlocks, readText } from './support/doc-lines.ts';
import { tinyModel } from './support/gguf.ts';
import { realLlamaServer } from './support/llama-server.ts';

const program = fileURLToPath(new URL('../dist/vllmd.mjs', import.meta.url));
const server = realLlamaServer();

const [, walk = ''] =
  /^## From nothing to an answer$(.*?)^## /ms.exec(readText('docs/llama.md')) ?? [];

/** A port that nobody has at the moment. */
async function freePort(): Promise<number> {
  const listener = createServer();
  const port = await new Promise<number>((resolve) => {
    listener.listen(0, '127.0.0.1', () => {
      const address = listener.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  await new Promise((resolve) => listener.close(resolve));
  return port;
}

/** A directory with a model, and a PATH with what a new user has installed. */
function firstDay(): { readonly cwd: string; readonly env: NodeJS.ProcessEnv } {
  const cwd = mkdtempSync(join(tmpdir(), 'vllmd-llama-docs-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  mkdirSync(join(cwd, 'bin'));
  const programs = { vllmd: [process.execPath, program], 'llama-server': [server.path] };
  for (const [name, argv] of Object.entries(programs)) {
    const words = argv.map((word) => `'${word}'`).join(' ');
    writeFileSync(join(cwd, 'bin', name), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
  }
  writeFileSync(join(cwd, 'small.gguf'), tinyModel());
  return { cwd, env: { PATH: `${join(cwd, 'bin')}:${process.env['PATH']}`, HOME: cwd } };
}

test.skipIf(server.isMissing)(
  'who does what docs/llama.md says, line by line, gets an answer from a model',
  async () => {
    const { cwd, env } = firstDay();
    const port = await freePort();
    const asWritten = codeBlocks(walk).map(({ language, body }) => ({
      language,
      text: body.replaceAll('/srv/models', cwd).replaceAll('8080', String(port)),
    }));
    const file = asWritten.find(({ language }) => language === 'toml');
    writeFileSync(join(cwd, 'llama.toml'), file?.text ?? '');
    const outputs: string[] = [];
    for (const { text } of asWritten.filter(({ language }) => language === 'sh')) {
      const { status, stdout, stderr } = spawnSync('sh', ['-ec', text], {
        cwd,
        env,
        encoding: 'utf8',
      });
      const pid = /\bpid (\d+)\b/.exec(stdout)?.[1];
      if (pid !== undefined) onTestFinished(() => void process.kill(Number(pid)));
      expect(status, `${text}\n${stdout}${stderr}`).toBe(0);
      outputs.push(stdout);
    }
    const [validated, resolved = '', started, answer = ''] = outputs;
    expect(validated).toBe('llama.toml: valid, 1 instance\n');
    expect(JSON.parse(resolved)).toMatchObject([{ name: 'small' }]);
    expect(started).toContain(`http://127.0.0.1:${port}`);
    expect(JSON.parse(answer)).toMatchObject({
      model: 'small',
      choices: [{ message: { role: 'assistant' } }],
    });
  },
);
