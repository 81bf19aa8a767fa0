import type { ErrorObject } from 'ajv';
import type { Diagnostic } from '../diagnostic.ts';
import { canonicalPciAddress, pciAddressPattern } from './pci-address.ts';
import { got, problem } from './problem.ts';
import { schemaKey } from './schema-keys.ts';
import { quoted } from './show-value.ts';

type Format = { readonly form: string; readonly help?: (text: string) => string | undefined };

const interfaceFormat: Format = {
  form: 'a network interface name: letters, digits, `_`, `.`, `-`, `+` or `@`, and not `all` or `default`',
};

/** What the pattern of each key says, in words. */
const FORMATS: ReadonlyMap<string, Format> = new Map([
  [
    'global.user',
    {
      form: 'an account name: up to 32 letters, digits, `_`, `.` and `-`, starting with a letter or `_`',
    },
  ],
  [
    'guest.user',
    {
      form: 'an account name of the guest: up to 31 lower-case letters, digits, `_` and `-`, starting with a letter or `_`',
      help: lowerCased(/^[a-z_][a-z0-9_-]{0,30}$/),
    },
  ],
  [
    'guest.packages',
    {
      form: 'the name of a package, without spaces and options',
      help: (text) =>
        /^[^\s,]+[\s,]+[^-\s]/.test(text)
          ? `write one string a package: ["git", "curl"]`
          : undefined,
    },
  ],
  [
    'guest.hostname_prefix',
    {
      form: 'the beginning of a host name: up to 62 lower-case letters, digits and `-`, starting with a letter',
      help: lowerCased(/^[a-z][a-z0-9-]{0,61}$/),
    },
  ],
  ['network.default_interface', interfaceFormat],
  ['network.bridge_name', interfaceFormat],
  ['network.subnet', { form: 'an IPv4 subnet like 10.77.0.0/24', help: subnetHelp }],
  ['network.name_servers', { form: 'an IPv4 address like 1.1.1.1', help: nameServerHelp }],
  [
    'runtimes.name',
    {
      form: 'a name without spaces at its end, which systemd does not keep',
      help: (text) => (/^ *$/.test(text) ? undefined : `write ${quoted(text.replace(/ +$/, ''))}`),
    },
  ],
  ['runtimes.mac', { form: 'a MAC address like 52:54:00:12:34:56', help: macHelp }],
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
  const format = FORMATS.get(schemaKey(at));
  const form = format?.form ?? 'of another form';
  return problem(
    'bad-format',
    at,
    `must be ${form}${semicolon(got(at, text))}`,
    format?.help?.(text),
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
