import type { World } from '../host/world.ts';
import { shellLine } from './shell-line.ts';

/** Names the config where no option does. */
export const CONFIG_VARIABLE = 'VLLMD_HYPERVISOR_CONFIG';

/** The same of a llama.cpp file, as its contract has it. */
export const LLAMA_CONFIG_VARIABLE = 'AUTO_INFER_LLAMA_CPP_CONFIG';

/** The command line that was typed, as root. */
export function withSudo(
  { commandLine, env, layer }: Pick<World, 'commandLine' | 'env' | 'layer'>,
  variableName?: string,
): string {
  const ofLayer = layer.member === 'instance' ? LLAMA_CONFIG_VARIABLE : CONFIG_VARIABLE;
  const name = variableName ?? ofLayer;
  const config = env[name] ?? '';
  // sudo hands over no variables that are not named to it.
  const variable = config === '' ? [] : [`${name}=${config}`];
  return shellLine(['sudo', ...variable, 'vllmd', ...commandLine]);
}
