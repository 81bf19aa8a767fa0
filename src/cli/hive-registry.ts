import { visible } from '../core/control-characters.ts';
import { VllmdError } from '../core/failure.ts';
import {
  type HiveAddress,
  type HiveAnswer,
  type HiveClient,
  hiveClient,
} from '../host/hive/client/hive-client.ts';
import { refused } from '../host/hive/client/refused.ts';
import type { World } from '../host/world.ts';
import { readPlace } from './find-config.ts';

/** As the options of every client of the registry are called. */
export type RegistryOptions = {
  readonly url: string | undefined;
  readonly keyFile: string | undefined;
};

const URL_VARIABLE = 'VLLMD_HIVE_URL';
const CLIENT_KEY_VARIABLE = 'VLLMD_HIVE_KEY';
/** As the command that speaks for a host finds its key. */
export const NODE_KEY_VARIABLE = 'VLLMD_HIVE_NODE_KEY';
/** In the directory where systemd puts what a unit has as `LoadCredential=`. */
const CREDENTIAL = 'hive-key';
const USUAL_URL = 'http://127.0.0.1:8800';

/** What the registry answers; throws where it does not do what it was asked for. */
export async function postToRegistry(
  path: string,
  body: unknown,
  options: RegistryOptions,
  world: World,
): Promise<unknown> {
  const registry = openRegistry(options, world);
  return registry.bodyOf(await registry.post(path, body));
}

/** A registry that is asked more than once. */
export type OpenRegistry = HiveClient & {
  /** Of an answer with status 200; throws what any other one means. */
  readonly bodyOf: (answer: HiveAnswer) => unknown;
};

export function openRegistry(
  options: RegistryOptions,
  world: World,
  timeoutMs?: number,
): OpenRegistry {
  const url = urlOf(options.url, world);
  const clientKey = keyOf(options.keyFile, CLIENT_KEY_VARIABLE, world);
  const hasKey = clientKey !== undefined;
  const limits = timeoutMs === undefined ? {} : { timeoutMs };
  return {
    ...hiveClient({ url, clientKey, ...limits }),
    bodyOf: (answer) => {
      if (answer.status === 200) return answer.body;
      throw refused(answer, { url, hasKey, keyVariable: CLIENT_KEY_VARIABLE });
    },
  };
}

/** How whoever speaks for a host reaches the registry. */
export function registryForNode(options: RegistryOptions, world: World): HiveAddress {
  const url = urlOf(options.url, world);
  const nodeKey = keyOf(options.keyFile, NODE_KEY_VARIABLE, world) ?? credentialIn(world);
  return { url, nodeKey };
}

/** Nobody else can read what is in that directory, whatever the permissions look like. */
function credentialIn(world: World): string | undefined {
  const directory = world.env['CREDENTIALS_DIRECTORY'] ?? '';
  if (directory === '') return undefined;
  const file = `${directory}/${CREDENTIAL}`;
  const found = readPlace(file, world, { option: '--key-file' });
  if (found === undefined) return undefined;
  return checkedKey(new TextDecoder().decode(found.bytes), `the file ${visible(file)}`);
}

function urlOf(named: string | undefined, { env }: World): string {
  const inVariable = env[URL_VARIABLE] ?? '';
  const text = named ?? (inVariable === '' ? USUAL_URL : inVariable);
  const source = named === undefined ? `$${URL_VARIABLE}` : '--url';
  if (!URL.canParse(text)) throw badUrl(`the address in ${source} is no URL`);
  const { protocol, username, password, search, hash } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw badUrl(`the address in ${source} is neither of http nor of https`);
  }
  if (username !== '' || password !== '') {
    throw badUrl(`the address in ${source} has a name or a password in it`);
  }
  if (search !== '' || hash !== '') throw badUrl(`the address in ${source} has a ? or a # in it`);
  return text;
}

/** Without the address itself: there may be a password in it. */
function badUrl(message: string): VllmdError {
  return new VllmdError('usage', message, `it should be such as ${USUAL_URL}`);
}

function keyOf(file: string | undefined, variable: string, world: World): string | undefined {
  if (file !== undefined) return checkedKey(keyIn(file, world), `the file ${visible(file)}`);
  const given = world.env[variable] ?? '';
  return given === '' ? undefined : checkedKey(given, `$${variable}`);
}

function keyIn(file: string, world: World): string {
  const found = readPlace(file, world, { option: '--key-file' });
  if (found === undefined) {
    const message = `the file ${visible(file)} does not exist`;
    throw new VllmdError('noConfig', message, 'name another with --key-file FILE');
  }
  const { bytes, permissions = 0 } = found;
  if ((permissions & 0o077) !== 0) {
    world.stderr.write(
      `warning: others can read the key in ${visible(file)}; \`chmod 600\` would make it its owner's alone\n`,
    );
  }
  return new TextDecoder().decode(bytes);
}

/** The rest could not be sent, and is in no registry. */
function checkedKey(text: string, source: string): string {
  const key = text.trim();
  if (/^[!-~]+$/.test(key)) return key;
  const what = key === '' ? 'is empty' : 'is no key: a key is ASCII without blanks';
  throw new VllmdError('config', `what is in ${source} ${what}`, 'a key stands there alone');
}
