import { configDefaults } from '../config/config-input.gen.ts';
import { expandPath } from '../config/expand-path.ts';
import { errorAt, withNote } from '../diagnostic.ts';
import type { Rule } from './rule.ts';
import { sampleVariables } from './sample-variables.ts';

/** `state_dir` and `config_dir` are different directories. */
export const dirsDiffer: Rule = {
  id: 'dirs-differ',
  check: ({ stateDir, configDir }) => {
    const state = directory(stateDir ?? configDefaults.global.state_dir);
    const config = directory(configDir ?? configDefaults.global.config_dir);
    if (state !== config) return [];
    const [key, other] =
      configDir === undefined ? ['state_dir', 'config_dir'] : ['config_dir', 'state_dir'];
    const clash = errorAt(
      'dirs-differ',
      `/global/${key}`,
      `global.${key}: must not be the same directory as global.${other}`,
      'give each its own directory',
    );
    const isWritten = stateDir !== undefined && configDir !== undefined;
    return [isWritten ? withNote(clash, `/global/${other}`, 'the other one is set here') : clash];
  },
};

function directory(path: string): string {
  return expandPath(path, sampleVariables)
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}
