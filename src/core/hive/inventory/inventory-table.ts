import { isJsonObject, ownValue } from '../../fleet/json-value.ts';
import { kinds } from '../documents.ts';
import { type Field, type ObjectShape, orNull, withDefault } from '../read/field.ts';
import type { Loc, Tell } from '../read/problem.ts';
import { tables } from '../read/tables.ts';
import { isHostAddress } from './host-address.ts';

const id = { kind: 'id' } as const;
const map = withDefault({ kind: 'map' }, {});

const asset: Field = {
  kind: 'object',
  fields: { asset_id: id, context_size: orNull({ kind: 'integer', least: 1 }) },
};

const service: Field = {
  kind: 'object',
  fields: {
    name: id,
    kind: { kind: 'choice', values: kinds },
    scheme: withDefault({ kind: 'choice', values: ['http', 'https'] }, 'http'),
    address: orNull(id),
    port: { kind: 'integer', least: 1, most: 65_535 },
    path: withDefault({ kind: 'line' }, ''),
    runtime: map,
    assets: { kind: 'list', of: asset, default: [] },
  },
  check: checkService,
};

/** What stands where in a file with what a host has to serve. */
export const inventoryTable: ObjectShape = {
  kind: 'object',
  fields: {
    host: withDefault(
      {
        kind: 'object',
        fields: {
          host_id: orNull(id),
          address: orNull(id),
          display_name: orNull({ kind: 'text' }),
          labels: withDefault({ kind: 'texts-by-name' }, {}),
          capabilities: map,
          resources: map,
        },
        check: checkAddress,
      },
      {},
    ),
    services: { kind: 'list', of: service, default: [], check: checkNames },
    assets: { kind: 'list', of: tables.asset, default: [] },
  },
};

function checkService(value: unknown, loc: Loc, tell: Tell): void {
  checkAddress(value, loc, tell);
  const path = textOf(value, 'path') ?? '';
  if (path === '' || /^(?:\/[^/\s?#\\]+)+$/.test(path)) return;
  const msg = 'Input should begin with a slash and end without one, and have no ? and no #';
  tell({ type: 'value_error', loc: [...loc, 'path'], msg, input: path });
}

function checkAddress(value: unknown, loc: Loc, tell: Tell): void {
  const address = textOf(value, 'address');
  if (address === undefined || address === '' || isHostAddress(address)) return;
  const msg = 'Input should be a name or an IP address, without a port and without brackets';
  tell({ type: 'value_error', loc: [...loc, 'address'], msg, input: address });
}

/** The id of a service is made of its kind and its name. */
function checkNames(value: unknown, loc: Loc, tell: Tell): void {
  const first = new Map<string, number>();
  for (const [index, item] of (Array.isArray(value) ? value : []).entries()) {
    const name = textOf(item, 'name');
    if (name === undefined) continue;
    const key = JSON.stringify([textOf(item, 'kind'), name]);
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, index);
    else {
      const msg = `Input should be another name than that of service ${earlier} of the list`;
      tell({ type: 'value_error', loc: [...loc, index, 'name'], msg, input: name });
    }
  }
}

function textOf(value: unknown, key: string): string | undefined {
  const found = isJsonObject(value) ? ownValue(value, key) : undefined;
  return typeof found === 'string' ? found : undefined;
}
