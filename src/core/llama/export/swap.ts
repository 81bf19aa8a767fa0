import { quoted } from '../../config/show-value.ts';
import { controlCharacter } from '../../control-characters.ts';
import type { Diagnostic } from '../../diagnostic.ts';
import { failure, type Result, success } from '../../result.ts';
import type { CheckedLlama } from '../check.ts';
import { isSocketPath } from '../endpoint.ts';
import { visibleDevices } from '../gpu-ids.ts';
import type { Endpoint, LlamaInstance } from '../instance.ts';
import { resolveLlama } from '../resolve.ts';
import type { CheckedInstance } from '../rules/rule.ts';
import { lastUse } from '../uses.ts';
import { aliasesOf } from './aliases.ts';
import { commandLine } from './command-line.ts';
import { cannotExport, type Exported, listed } from './exported.ts';
import { secretNames } from './secret-names.ts';

/** What llama-swap replaces by a port of its own. */
const PORT = ['$', '{PORT}'].join('');

/** A config of llama-swap: a model an instance. JSON strings and lists are YAML, so no value can end early. */
export function swapOf(checked: CheckedLlama): Result<Exported> {
  const instances = resolveLlama(checked);
  const { kept, dropped } = aliasesOf(checked.instances, isPlain);
  const problems = checked.instances.flatMap(problemsOf);
  if (problems.length > 0) return failure(problems);
  const secrets = secretNames(instances);
  const models = instances.flatMap((instance) =>
    modelOf(instance, kept.get(instance.name) ?? [], secrets.environmentOf(instance)),
  );
  const head = models.length === 0 ? 'models: {}' : 'models:';
  return success({
    text: `${[head, ...models].join('\n')}\n`,
    notes: [...notesOf(instances, dropped), ...secrets.notes],
  });
}

/** No macro, and nothing that is not seen. */
function isPlain(text: string): boolean {
  return !/\$\{/.test(text) && controlCharacter(text) === undefined;
}

function problemsOf(instance: CheckedInstance): readonly Diagnostic[] {
  const { pointer, endpoint } = instance;
  const place = (name: string) => lastUse(instance, name)?.pointer ?? pointer;
  const host = tcpAddress(endpoint?.host ?? lastUse(instance, '--host')?.value ?? '');
  const prefix = lastUse(instance, '--api-prefix')?.value ?? '';
  const problems: Diagnostic[] = [];
  if (host === undefined || !/^[\w.:[\]%-]*$/.test(host)) {
    const text = 'llama-swap reaches an instance at an address of TCP, and this is none';
    problems.push(cannotExport(place('--host'), text, 'name an address to listen on'));
  }
  if (!/^[\w./~-]*$/.test(prefix)) {
    const text = `${quoted(prefix)} cannot stand in the address of a proxy as it is`;
    problems.push(cannotExport(place('--api-prefix'), text, 'take letters, digits, "/" and "-"'));
  }
  return problems;
}

function modelOf(
  { name, executable, endpoint, control, launch }: LlamaInstance,
  aliases: readonly string[],
  secrets: readonly string[],
): readonly string[] {
  const port = endpoint === undefined ? ` --port ${PORT}` : '';
  const devices = visibleDevices(control.gpuIds);
  const environment = [
    ...(devices === undefined ? [] : [`CUDA_VISIBLE_DEVICES=${devices}`]),
    ...secrets,
  ];
  return [
    `  ${yaml(name)}:`,
    `    cmd: ${yaml(commandLine([executable, ...launch.arguments]) + port)}`,
    `    proxy: ${yaml(addressOf(endpoint))}`,
    ...(environment.length === 0 ? [] : [`    env: ${yaml(environment)}`]),
    ...(aliases.length === 0 ? [] : [`    aliases: ${yaml(aliases)}`]),
  ];
}

/** A character that is not seen, or that YAML does not allow as it is. */
const HIDDEN = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu;

/** YAML reads JSON, but for characters beyond 16 bits it has another escape. */
function yaml(value: string | readonly string[]): string {
  return JSON.stringify(value).replace(HIDDEN, (character) => {
    return `\\U${Number(character.codePointAt(0)).toString(16).padStart(8, '0')}`;
  });
}

/** Of several the first; undefined where an instance listens on UNIX sockets alone. */
function tcpAddress(host: string): string | undefined {
  return host
    .split(',')
    .map((one) => one.trim())
    .find((one) => !isSocketPath(one));
}

const LOCAL: ReadonlyMap<string, string> = new Map([
  ['', '127.0.0.1'],
  ['0.0.0.0', '127.0.0.1'],
  ['localhost', '127.0.0.1'],
  ['::', '[::1]'],
  ['[::]', '[::1]'],
]);

/** Where llama-swap sends requests; it looks for `/health` below it. */
function addressOf(endpoint: Endpoint | undefined): string {
  if (endpoint === undefined) return `http://127.0.0.1:${PORT}`;
  const { host, port, isTls, apiPrefix } = endpoint;
  const first = tcpAddress(host) ?? '';
  const plain = first.includes(':') && !first.startsWith('[') ? `[${first}]` : first;
  const address = LOCAL.get(first) ?? plain;
  return `${isTls ? 'https' : 'http'}://${address}:${port}${apiPrefix}`;
}

function notesOf(
  instances: readonly LlamaInstance[],
  dropped: readonly string[],
): readonly string[] {
  const tls = instances.filter(({ endpoint }) => endpoint?.isTls === true).map(({ name }) => name);
  return [
    'llama-swap starts an instance when it is asked for, one at a time without groups, and has its log: background, log_dir and log_file are left out',
    ...(dropped.length === 0
      ? []
      : [
          `an alias that another model has, or that has a macro in it, is left out: ${listed(dropped.map((name) => quoted(name)))}`,
        ]),
    ...(tls.length === 0 ? [] : [`llama-swap has to trust the certificates of ${listed(tls)}`]),
  ];
}
