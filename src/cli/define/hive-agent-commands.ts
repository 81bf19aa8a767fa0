import { visible } from '../../core/control-characters.ts';
import { VllmdError } from '../../core/failure.ts';
import { availabilities } from '../../core/hive/documents.ts';
import type { Inventory } from '../../core/hive/inventory/inventory.ts';
import type { World } from '../../host/world.ts';
import type { Configs } from '../load-configs.ts';
import { command } from './command.ts';
import { registryUrl } from './hive-client-commands.ts';
import { inventoryOptions } from './hive-export-command.ts';
import { jsonOption } from './options.ts';

const nodeOptions = {
  ...registryUrl,
  'key-file': {
    type: 'string',
    requiresArg: true,
    takes: 'FILE',
    describe:
      'A file with the key of a host and nothing else; else the key in $VLLMD_HIVE_NODE_KEY',
  },
} as const;

export const hiveAgent = command({
  name: 'agent',
  summary: 'Register this host with the registry, and keep telling it how its services are',
  options: {
    inventory: {
      ...{ type: 'string', requiresArg: true, takes: 'FILE' },
      describe: 'What this host serves, in YAML or JSON; without it the configs of the host say so',
    },
    ...inventoryOptions,
    'host-id': {
      ...{ type: 'string', requiresArg: true, takes: 'NAME' },
      describe: 'How the registry calls this host; else the inventory says it, or its host name',
    },
    address: {
      ...{ type: 'string', requiresArg: true, takes: 'NAME' },
      describe: 'Where the registry finds this host; else the address by which it is reached',
    },
    interval: {
      ...{ type: 'string', requiresArg: true, takes: 'N' },
      describe: 'Seconds between rounds, 1 to 300; 5 unless it is given',
    },
    once: {
      ...{ type: 'boolean', default: false },
      describe: 'One round, then it ends',
    },
    ...nodeOptions,
  },
  details: [
    'A round asks `/health`, `/v1/models` and `/metrics` of each service, with three seconds for an answer, and tells the registry what came of it: a heartbeat with all services, and a health sample for each. Where the registry has forgotten the host it registers again. What changes is told on standard error, once.',
    'A registry that refuses the first registration ends it. Later it goes on trying, at least every 30 seconds, whatever happens.',
    'SIGHUP makes it read the inventory again and register what is in it. SIGTERM and SIGINT end it at once; its services stay registered, and get no more requests when the registry takes the host for silent.',
    'In a unit of systemd the key may be the credential `hive-key`.',
  ],
  exits: {
    ok: 'A signal has ended it; with --once the registry knows.',
    config: 'The inventory is not valid, the registry refuses it, or what should be a key is none.',
    runtime:
      'The registry does not take the key at the first registration; with --once it cannot be reached either.',
    conflict: 'Another host has registered a service with the same id.',
    noConfig: 'A file is not there.',
  },
  examples: [
    ['$0 hive agent --inventory inventory.yaml', 'until it is told to end'],
    ['$0 hive agent --llama llama.toml --once', 'what a llama.cpp config says, once'],
    ['$0 hive agent --inventory inventory.yaml --once', 'see what it says of the services'],
  ],
  run: ({ inventory, hostId, address, interval, once, url, keyFile, ...configs }, world) => {
    mustBeOneSource(inventory, configs);
    return import('../commands/hive-agent.ts').then(({ hiveAgent: agent, readInventoryFile }) =>
      agent(
        {
          ...{ hostId, address, interval, once, url, keyFile },
          readInventory: () =>
            inventory === undefined
              ? inventoryIn({ ...configs, json: false }, world)
              : readInventoryFile(inventory, world),
        },
        world,
      ),
    );
  },
});

function mustBeOneSource(inventory: string | undefined, { config, llama = [] }: Partial<Configs>) {
  if (inventory === undefined || (config === undefined && llama.length === 0)) return;
  const message = '--inventory says all that this host serves, and --config or --llama as well';
  throw new VllmdError('usage', message, 'name either an inventory or configs');
}

/** Undefined where a config is not valid, which was shown; what is left out of it is told. */
async function inventoryIn(configs: Configs, world: World): Promise<Inventory | undefined> {
  const { inventoryOfConfigs } = await import('../inventory-of-configs.ts');
  const told = await inventoryOfConfigs(configs, world);
  for (const note of told?.notes ?? []) world.notes.write(`note: ${visible(note)}\n`);
  return told?.inventory;
}

export const hiveDrain = command({
  name: 'drain',
  summary: 'Let services have no new requests, or have them again',
  positionals: {
    service: {
      ...{ type: 'string', array: true, demandOption: true, takes: 'NAME' },
      describe: 'Ids of services, as the registry knows them',
    },
  },
  options: {
    undo: {
      ...{ type: 'boolean', default: false },
      describe: 'What their host says of them counts again',
    },
    availability: {
      choices: availabilities,
      requiresArg: true,
      describe: 'What they are from now on; draining unless it is given',
    },
    ...nodeOptions,
    ...jsonOption,
  },
  details: [
    'Requests under way end by themselves. What is set stays when the host registers again, and when the registry starts again.',
  ],
  exits: {
    notFound: 'The registry knows no such service; the others of the line are done.',
    config: 'What should be a key is none.',
    runtime: 'The registry cannot be reached, or does not take the key.',
    noConfig: 'The file with the key is not there.',
  },
  examples: [
    ['$0 hive drain atlas/chat/small', 'before its server is taken down'],
    ['$0 hive drain atlas/chat/small --undo', 'when it is back'],
  ],
  run: ({ service, undo, availability, url, keyFile, json }, world) =>
    import('../commands/hive-drain.ts').then((m) =>
      m.hiveDrain({ services: service, undo, availability, url, keyFile, json }, world),
    ),
});
