import { isMeantAsSecret, shortSecretFlags } from '../config/sensitive-options.ts';
import { hideAtSeams, hideBeginning } from './hide-halves.ts';
import { expandedKeyPath } from './key-path.ts';
import type { RuntimeBackend, RuntimeHost, RuntimeModel, RuntimesFile } from './runtimes-file.ts';
import { secretForms } from './secret-forms.ts';

/** Stands for a secret wherever it would be shown. */
export const REDACTED = '[REDACTED]';

/** Whether the value of an environment variable of this name is a secret. */
export function isSecretName(name: string): boolean {
  return /KEY|TOKEN|SECRET|PASS|CREDENTIAL/i.test(name);
}

/** All of a file as it may be shown: an entry can repeat the secret of another one. */
export function redactFile(file: RuntimesFile): RuntimesFile {
  const secrets = secretsOf(file);
  return {
    ...file,
    hosts: file.hosts.map((host) => redactHost(host, secrets)),
    backends: file.backends.map((backend) => redactBackend(backend, secrets)),
    models: file.models.map((model) => redactModel(model, secrets)),
  };
}

/** A host as it may be shown. */
export function redactHost(host: RuntimeHost, secrets = secretsOfHost(host)): RuntimeHost {
  const { key_path, password, ...open } = host.connection;
  return {
    ...host,
    connection: {
      ...open,
      ...(key_path === undefined ? {} : { key_path: REDACTED }),
      ...(password === undefined ? {} : { password: REDACTED }),
    },
    health: redactCommands(host.health, secrets),
    model_control: redactCommands(host.model_control, secrets),
  };
}

/** A backend as it may be shown. */
export function redactBackend(
  backend: RuntimeBackend,
  secrets = secretsOfBackend(backend),
): RuntimeBackend {
  const { env, args } = backend;
  return {
    ...redactCommands(backend, secrets),
    ...(env === undefined ? {} : { env: redactEnv(env, secrets) }),
    ...(args === undefined ? {} : { args: redactArgs(args, secrets) }),
  };
}

/** A model as it may be shown: it has no secret of its own, but commands can repeat one of the others. */
export function redactModel(model: RuntimeModel, secrets: readonly string[]): RuntimeModel {
  return {
    ...model,
    source: redactText(model.source, secrets),
    launch: redactCommands(model.launch, secrets),
  };
}

/** Variables with the values of the secret ones hidden, and what repeats a secret in the others. */
export function redactEnv(
  env: Readonly<Record<string, string>>,
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      isSecretName(name) ? REDACTED : redactText(value, secrets),
    ]),
  );
}

/** Every secret of a file, for texts in which one may turn up; the path of a key also as ssh gets it. */
export function secretsOf({
  hosts,
  backends,
  home,
}: Pick<RuntimesFile, 'hosts' | 'backends' | 'home'>): readonly string[] {
  const ofHosts = hosts.flatMap((host) => secretsOfHost(host, home));
  return [...new Set([...ofHosts, ...backends.flatMap(secretsOfBackend)])];
}

function secretsOfHost({ connection }: RuntimeHost, home?: string): readonly string[] {
  const { password, key_path: key } = connection;
  const keys = key === undefined ? [] : [key, expandedKeyPath(key, home)];
  return password === undefined ? keys : [password, ...keys];
}

function secretsOfBackend({ env = {}, args = [] }: RuntimeBackend): readonly string[] {
  const inEnv = Object.entries(env).flatMap(([name, value]) =>
    isSecretName(name) && !isEverywhere(name, value) ? value : [],
  );
  return [...inEnv, ...args.flatMap((_, at) => secretOfArgument(args, at) ?? [])];
}

/**
 * A value that many texts have by chance, such as that of `TOKENIZERS_PARALLELISM` or `OMP_PASSIVE`: only the name of its
 * variable says that it is a secret, and it is hidden beside that name alone. Beside one in small letters it is not:
 * `max_tokens=5` stands in many logs.
 */
function isEverywhere(name: string, value: string): boolean {
  return /^[A-Z_][A-Z0-9_]*$/.test(name) && /^(true|false|yes|no|on|off|\d{0,5})$/i.test(value);
}

/** A text with every secret in it hidden, as `secretForms` has it, and what is left of one where output was cut. */
export function redactText(text: string, secrets: readonly string[]): string {
  const forms = secretForms(secrets);
  const whole = hideAtSeams(text, forms, REDACTED);
  const known =
    forms.length === 0
      ? whole
      : whole.replace(new RegExp(forms.map(pattern).join('|'), 'gu'), REDACTED);
  return known.replace(ASSIGNMENT, withoutValue).replace(FLAG, withoutValue);
}

/** The same for the end of a text, which may begin within a secret. */
export function redactTail(text: string, secrets: readonly string[]): string {
  return redactText(hideBeginning(text, secretForms(secrets), REDACTED), secrets);
}

/** A value of a shell; what a variable or a placeholder stands for is in none. */
const VALUE = /(?![${[])('[^']*'|"[^"]*"|[^\s;&|'"]+)/.source;

/** `HF_TOKEN=SECRET llama-server` */
const ASSIGNMENT = new RegExp(String.raw`(?<![\w-])([A-Z_][A-Z0-9_]*=)${VALUE}`, 'g');

/** `llama-server --api-key SECRET` */
const FLAG = new RegExp(
  String.raw`(?<![\w-])((?:--[\w-]+|${shortSecretFlags.join('|')})(?:=|\s+))${VALUE}`,
  'g',
);

function withoutValue(all: string, before: string, value: string): string {
  const name = before.replace(/[=\s]+$/, '');
  const isSecret = name.startsWith('-') ? isSecretFlag(name) : isSecretName(name);
  return isSecret && !value.includes(REDACTED) ? before + REDACTED : all;
}

/** A secret of a few characters counts as a word only: `1` is in every port. */
function pattern(secret: string): string {
  const literal = secret.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  if (secret.length >= LEAST_LENGTH) return literal;
  return String.raw`(?<![\p{L}\p{N}_])${literal}(?![\p{L}\p{N}_])`;
}

const LEAST_LENGTH = 4;

function redactCommands<Entry extends object>(entry: Entry, secrets: readonly string[]): Entry {
  const shown = Object.entries(entry).map(([key, value]: [string, unknown]) => [
    key,
    key.endsWith('_cmd') && typeof value === 'string' ? redactText(value, secrets) : value,
  ]);
  // The keys are those of the entry, and a text stays a text.
  return Object.fromEntries(shown) as Entry;
}

function redactArgs(args: readonly string[], secrets: readonly string[]): readonly string[] {
  return args.map((word, at) => {
    const secret = secretOfArgument(args, at);
    return redactText(word, secret === undefined ? secrets : [secret, ...secrets]);
  });
}

/** `--api-key SECRET` has it in the next word, `--api-key=SECRET` in the same one. */
function secretOfArgument(args: readonly string[], at: number): string | undefined {
  const word = args[at] ?? '';
  const before = args[at - 1] ?? '';
  if (isSecretFlag(before)) return word;
  const sign = word.indexOf('=');
  return sign > 0 && isSecretFlag(word.slice(0, sign)) ? word.slice(sign + 1) : undefined;
}

function isSecretFlag(word: string): boolean {
  return word.startsWith('-') && (isMeantAsSecret(word) || shortSecretFlags.includes(word));
}
