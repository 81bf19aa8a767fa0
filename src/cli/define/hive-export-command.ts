import { command } from './command.ts';
import { jsonOption, modeOptions } from './options.ts';

const text = { type: 'string', requiresArg: true } as const;

/** What a host has to serve, by its configs. */
export const inventoryOptions = {
  config: {
    ...({ ...text, alias: 'c', takes: 'FILE' } as const),
    describe:
      'The config of the host, or a llama.cpp file; without any file that of the host, at its usual place',
  },
  llama: {
    ...({ type: 'array', string: true, requiresArg: true, takes: 'FILE' } as const),
    describe: 'Files of llama.cpp instances that run beside the guests; else `hive.llama_config`',
  },
  ...modeOptions,
} as const;

export const hiveExport = command({
  name: 'export',
  summary: 'Print what the configs of a host serve as documents of the registry',
  options: {
    ...inventoryOptions,
    'host-id': {
      ...text,
      takes: 'NAME',
      describe: 'Its `host_id`; else `hive.host_id` of the config, or the name of this machine',
    },
    address: {
      ...{ ...text, takes: 'NAME' },
      describe:
        'How others reach it, a name or an IP address; else `hive.address`, or its `host_id`',
    },
    inventory: {
      ...{ type: 'boolean', default: false },
      describe:
        'Print an inventory in JSON, as `vllmd hive agent` takes it; the host needs no name yet',
    },
    ...jsonOption,
  },
  details: [
    'Each instance of llama.cpp files is a service, those of guests at the address of their guest, and each of its aliases an asset, or else the name of its model. GPUs of guests are resources of the host, by their PCI addresses. No host is asked, and nobody looks whether a service runs: its health is not known.',
    'What clients could not reach is left out: an instance without a port, on UNIX sockets alone, or on the loopback address of a guest; and so is one that ranks documents. Standard error tells of it, and of what only a registry on the same host reaches. A registry takes addresses of guests only where its `allow_networks` has them.',
  ],
  exits: { config: 'A config is not valid.', noConfig: 'A file is not there.' },
  examples: [
    ['$0 hive export --config vllmd.toml --llama llama.toml > host.yaml', 'a file for others'],
    ['$0 hive export -c llama.toml --host-id atlas --address 10.0.0.11', 'of another host'],
  ],
  run: (args, world) => import('../commands/hive-export.ts').then((m) => m.hiveExport(args, world)),
});
