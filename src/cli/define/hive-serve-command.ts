import { command } from './command.ts';

export const hiveServe = command({
  name: 'serve',
  summary: 'Serve the registry, and send requests for models to the services that fit best',
  options: {
    config: {
      ...{ type: 'string', demandOption: true, requiresArg: true, takes: 'FILE' },
      describe: 'The file control.yaml: where it listens, keys, the database, how it chooses',
    },
  },
  details: [
    'It prints `listening on URL` on standard error when it takes requests; port 0 is one that is free. Hosts register with `/v1/nodes/register` and send heartbeats; clients ask as they would ask OpenAI, with the name of a role, a service or an asset as the model, and with `X-Api-Key` or `Authorization: Bearer`.',
    'A request goes to another service where the first one fails before the client has had a byte. Hosts that are silent get none, nor do services that are not healthy. The answer names the service in `X-GenieHive-Service`.',
    'What is registered is in a SQLite database, which one process uses at a time. SIGTERM and SIGINT end it: for `drain_delay_s` of `server` only `/readyz` says so, then new requests are refused, and those under way have `drain_timeout_s` of `limits` to end. A second signal does not wait.',
    'Without keys it listens to the loopback address only, unless `allow_open` says otherwise. A key in the file may be `sha256:` and the digest of the key.',
  ],
  exits: {
    ok: 'A signal has ended it, and no request was cut off.',
    config: 'The file, or the one with the roles, is not valid.',
    runtime: 'It cannot listen, or the database cannot be used.',
    locked: 'Another process has the database.',
    noConfig: 'The file is not there.',
    terminated: 'A second signal has ended it before its requests had ended.',
  },
  examples: [['$0 hive serve --config control.yaml', 'until it is told to end']],
  run: ({ config }, world) =>
    import('../commands/hive-serve.ts').then((m) => m.hiveServe({ config }, world)),
});
