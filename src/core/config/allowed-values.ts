import { pciAddressPattern } from './pci-address.ts';

const interfaceName =
  'a network interface name: letters, digits, `_`, `.`, `-`, `+` or `@`, and not `all` or `default`';

/** What the pattern of each key says, in words. */
export const patternInWords: ReadonlyMap<string, string> = new Map([
  [
    'global.user',
    'an account name: up to 32 letters, digits, `_`, `.` and `-`, starting with a letter or `_`',
  ],
  [
    'guest.user',
    'an account name of the guest: up to 31 lower-case letters, digits, `_` and `-`, starting with a letter or `_`',
  ],
  ['guest.packages', 'the name of a package, without spaces and options'],
  [
    'guest.hostname_prefix',
    'the beginning of a host name: up to 62 lower-case letters, digits and `-`, starting with a letter',
  ],
  [
    'hive.url',
    'an address of http or https without a name, a password, ? or #, like http://192.168.1.10:8800',
  ],
  [
    'hive.host_id',
    'a name: up to 64 letters, digits, `.`, `_` and `-`, starting with a letter or digit',
  ],
  ['hive.address', 'the name or the IP address of a host, without a port'],
  ['network.default_interface', interfaceName],
  ['network.bridge_name', interfaceName],
  ['network.subnet', 'an IPv4 subnet like 10.77.0.0/24'],
  ['network.name_servers', 'an IPv4 address like 1.1.1.1'],
  ['runtimes.name', 'a name without spaces at its end, which systemd does not keep'],
  ['runtimes.mac', 'a MAC address like 52:54:00:12:34:56'],
]);

/** A key as the schema has it. */
export type KeySchema = {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly uniqueItems?: boolean;
  readonly items?: KeySchema;
  readonly properties?: Readonly<Record<string, KeySchema>>;
  readonly required?: readonly string[];
  readonly 'x-since'?: number;
  readonly 'x-sensitive'?: boolean;
};

/** What a value may be, in words; '' where its type says it all. `key` is `runtimes.mac`. */
export function allowedValues(key: string, schema: KeySchema): string {
  const { enum: values, items, uniqueItems, minimum, maximum } = schema;
  if (values !== undefined) return values.map(String).join(', ');
  if (minimum !== undefined || maximum !== undefined) return `${minimum} to ${maximum}`;
  if (items === undefined) return allowedText(key, schema);
  const each = allowedText(key, items);
  const parts = [
    ...(each === '' ? [] : [`each: ${each}`]),
    ...(uniqueItems === true ? ['none twice'] : []),
  ];
  return parts.join('; ');
}

function allowedText(key: string, { pattern, minLength, maxLength }: KeySchema): string {
  const form = pattern === undefined ? [] : [formOf(key, pattern)];
  const least = minLength === undefined ? 'up to' : `${minLength} to`;
  const length = maxLength === undefined ? [] : [`${least} ${maxLength} characters`];
  return [...form, ...length].join('; ');
}

function formOf(key: string, pattern: string): string {
  if (pattern === pciAddressPattern) return 'a PCI address like 0000:01:00.0';
  return patternInWords.get(key) ?? `\`${pattern}\``;
}
