import type { LlamaInstance } from '../llama/instance.ts';
import type { Materials } from '../render/materials.ts';
import { fact } from './fact.ts';
import type { Variable } from './variable.ts';

/** What any other file could say. */
export const sampleInstance: LlamaInstance = {
  name: 'explain',
  source: '/instance/explain',
  executable: '/explain/llama-server',
  control: {
    logDir: '/explain',
    logFile: '/explain/log',
    isLogNamed: true,
    background: true,
    gpuIds: '0',
  },
  arguments: ['--explain'],
  shownArguments: ['--explain'],
  launch: { arguments: ['--explain'], secrets: new Map([['LLAMA_API_KEY', 'explain']]) },
  endpoint: { host: '192.0.2.53', port: 1, isTls: true, apiPrefix: '/explain' },
  modelFiles: [{ path: '/explain/model.gguf', pointer: '/instance/explain/server/model' }],
  serves: {
    work: 'embeddings',
    isRouter: false,
    aliases: ['explain'],
    source: { kind: 'path', value: '/explain/model.gguf' },
    contextSize: 1,
    needsKey: true,
  },
};

/** The instances of each llama.cpp file that is carried into guests. Arguments can be secrets: they are not told. */
export function llamaVariables(materials: Materials): readonly Variable[] {
  const { llama } = materials;
  return [...llama].map(([path, instances]) => {
    const instead = (other: readonly LlamaInstance[]) => ({
      ...materials,
      llama: new Map([...llama, [path, other]]),
    });
    const names = instances.map(({ name }) => name).join(', ');
    const what = `${path} has ${names === '' ? 'no instance that is to run' : `the instances ${names}`}`;
    return fact({ name: path, what, where: path }, () => [
      instead([...instances, sampleInstance]),
      instead(instances.map(other)),
      instead([]),
    ]);
  });
}

/** The same name, and all else another value. */
function other({ name }: LlamaInstance): LlamaInstance {
  return { ...sampleInstance, name };
}
