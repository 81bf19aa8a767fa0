import { lastUse } from '../uses.ts';
import type { LlamaRule } from './rule.ts';
import { doubtful, wrong } from './tell.ts';

/** The default has changed between builds, so nobody can say where such an instance answers. */
export const portMissing: LlamaRule = {
  id: 'llama-port-missing',
  check: ({ instances }) => {
    const portless = instances.filter(
      (instance) => instance.endpoint === undefined && lastUse(instance, '--port') === undefined,
    );
    // Two of them would even want the same one.
    const tell = portless.length > 1 ? wrong : doubtful;
    const text = 'no port: the default is 8080 or 9931, as the build of llama-server has it';
    return portless.map(({ pointer }) =>
      tell('llama-port-missing', pointer, text, 'add port = NUMBER to its server table'),
    );
  },
};
