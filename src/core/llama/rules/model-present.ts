import { lastUse } from '../uses.ts';
import type { CheckedInstance, LlamaRule } from './rule.ts';
import { doubtful, wrong } from './tell.ts';

/** Options that say what an instance serves. */
const MODELS = [
  '--model',
  '--model-url',
  '--hf-repo',
  '--docker-repo',
  '--models-dir',
  '--models-preset',
];

/** Without a model llama-server does not fail: it starts as a router, and says that all is well. */
export const modelPresent: LlamaRule = {
  id: 'llama-model-missing',
  judgesShape: true,
  check: ({ instances, mode }) =>
    instances
      .filter((instance) => !hasModel(instance))
      .map(({ pointer }) => {
        const tell = mode === 'lenient' ? doubtful : wrong;
        const text = 'no model: llama-server would start as a router, which serves none';
        return tell(
          'llama-model-missing',
          pointer,
          text,
          'add model = "/path/to/model.gguf" to its server table',
        );
      }),
};

function hasModel(instance: CheckedInstance): boolean {
  return (
    MODELS.some((name) => lastUse(instance, name) !== undefined) ||
    instance.uses.some(({ flag }) => isPreset(flag))
  );
}

/** `--gpt-oss-20b-default`, `--fim-qwen-7b-spec` and others bring a model with them. */
function isPreset(flag: string): boolean {
  return /^--(?:fim-.*-spec|.*-default)$/.test(flag) && flag !== '--spec-default';
}
