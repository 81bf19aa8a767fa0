import type { ErrorObject } from 'ajv';
import type { Diagnostic } from '../diagnostic.ts';
import { patternInWords } from './allowed-values.ts';
import { canonicalPciAddress, pciAddressPattern } from './pci-address.ts';
import { got, problem } from './problem.ts';
import { schemaKey } from './schema-keys.ts';
import { quoted } from './show-value.ts';

type Help = (text: string) => string | undefined;

/** What would do instead, of keys whose pattern is often missed in the same way. */
const HELP: ReadonlyMap<string, Help> = new Map([
  ['guest.user', lowerCased(/^[a-z_][a-z0-9_-]{0,30}$/)],
  [
    'guest.packages',
    (text: string) =>
      /^[^\s,]+[\s,]+[^-\s]/.test(text) ? `write one string a package: ["git", "curl"]` : undefined,
  ],
  ['guest.hostname_prefix', lowerCased(/^[a-z][a-z0-9-]{0,61}$/)],
  ['network.subnet', subnetHelp],
  ['network.name_servers', nameServerHelp],
  [
    'runtimes.name',
    (text: string) => (/^ *$/.test(text) ? undefined : `write ${quoted(text.replace(/ +$/, ''))}`),
  ],
  ['runtimes.mac', macHelp],
]);

/** A string that is too long, too short or of another form than the key asks for. */
export function badFormat(error: ErrorObject): Diagnostic {
  const { instancePath: at, keyword, params } = error;
  const text = String(error.data);
  if (keyword === 'minLength') return problem('bad-format', at, 'must not be empty');
  if (keyword === 'maxLength') {
    const count = [...text].length;
    const rule = `must have at most ${params['limit']} characters, got ${count}`;
    return problem('bad-format', at, rule);
  }
  if (params['pattern'] === pciAddressPattern) return badPciAddress(at, text);
  const key = schemaKey(at);
  const form = patternInWords.get(key) ?? 'of another form';
  return problem(
    'bad-format',
    at,
    `must be ${form}${semicolon(got(at, text))}`,
    HELP.get(key)?.(text),
  );
}

/** Set off from a form that has commas of its own. */
function semicolon(text: string): string {
  return text.replace(/^,/, ';');
}

function lowerCased(pattern: RegExp): (text: string) => string | undefined {
  return (text) => {
    const lower = text.toLowerCase();
    return pattern.test(lower) ? `write ${quoted(lower)}` : undefined;
  };
}

function subnetHelp(text: string): string | undefined {
  if (/^[\d.]+$/.test(text)) return `add the length of its prefix: "${text}/24"`;
  return text.includes(':') ? 'the guests have IPv4 addresses; write an IPv4 subnet' : undefined;
}

function nameServerHelp(text: string): string | undefined {
  if (text.includes(':')) return 'the guests have IPv4 addresses; name an IPv4 server';
  return /[a-z]/i.test(text)
    ? 'write the address of the server: its name cannot be looked up without it'
    : undefined;
}

function macHelp(text: string): string | undefined {
  const digits = text.toLowerCase().replace(/[-:.]/g, '');
  if (!/^[0-9a-f]{12}$/.test(digits)) return undefined;
  return `write "${digits.replace(/..(?=.)/g, '$&:')}"`;
}

function badPciAddress(at: string, address: string): Diagnostic {
  const canonical = canonicalPciAddress(address);
  return problem(
    'bad-pci-address',
    at,
    `must be a PCI address like 0000:01:00.0, got ${quoted(address)}`,
    canonical === undefined
      ? '`lspci -D` lists the addresses of this host'
      : `write "${canonical}", as \`lspci -D\` prints it`,
  );
}
