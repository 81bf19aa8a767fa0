import { readFileSync } from 'node:fs';
import type { LlamaContext } from '../../src/core/kinds/llama-server/view.ts';
import type { LlamaInstance } from '../../src/core/llama/instance.ts';
import { loadLlama } from '../../src/core/llama/load.ts';
import { resolveLlama } from '../../src/core/llama/resolve.ts';
import { FIXTURES } from './fixtures.ts';
import type { HostDescription } from './world.ts';

/** What llama.cpp instances need of a host, beside what every host of the tests has. */
export const llamaHost: HostDescription = {
  groups: ['sdake:x:1000:', 'kvm:x:110:', 'video:x:44:', 'render:x:105:'],
  files: {
    '/usr/bin/bash': '',
    '/usr/bin/curl': '',
    '/usr/local/bin/llama-server': { text: '', mode: 0o755 },
    '/models/small.gguf': '',
    '/models/large-00001-of-00002.gguf': '',
    '/models/large-00002-of-00002.gguf': '',
  },
};

/** Two instances; `more` is what the second has besides. */
export function twoInstances(more = '', server = ''): string {
  return `[instance.server]
host = "127.0.0.1"
${server}
[instance.small.server]
model = "/models/small.gguf"
port = 8080

[instance.large.server]
model = "/models/large-00001-of-00002.gguf"
port = 8081
${more}`;
}

/** What a text describes; it has to be valid. */
export function instancesOf(text: string): readonly LlamaInstance[] {
  const bytes = new TextEncoder().encode(text);
  const { result } = loadLlama(bytes, {
    mode: 'strict',
    readTable: () => ({ why: 'is not here' }),
  });
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'));
  return resolveLlama(result.value);
}

/** A host that says nothing. */
export const noLlamaContext: LlamaContext = {
  account: undefined,
  gpuGroups: [],
  libraryDirectories: new Set(),
};

const everything = readFileSync(`${FIXTURES}llama-install-everything/instances.toml`, 'utf8');

const sdake = {
  ...{ name: 'sdake', group: 'sdake', uid: 1000, gid: 1000, home: '/home/sdake', known: true },
};

/** Files, and what a host says to them. */
export const llamaCases: Readonly<
  Record<string, { readonly text: string; readonly context: LlamaContext }>
> = {
  two: { text: twoInstances(), context: noLlamaContext },
  everything: {
    text: everything,
    context: {
      account: undefined,
      gpuGroups: ['render', 'video'],
      libraryDirectories: new Set(['/opt/llama 1/bin']),
    },
  },
  account: { text: twoInstances(), context: { ...noLlamaContext, account: sdake } },
};
