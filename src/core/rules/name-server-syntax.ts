import { parseIpv4 } from '../config/ipv4.ts';
import { problem } from '../config/problem.ts';
import { quoted } from '../config/show-value.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { StringDraft } from './draft.ts';
import type { Rule } from './rule.ts';

/** Each of `name_servers` is the address of another host. */
export const nameServerSyntax: Rule = {
  id: 'name-server-syntax',
  check: ({ network }) => network.nameServers.flatMap(problems),
};

function problems({ pointer: at, text }: StringDraft): readonly Diagnostic[] {
  // What has another form is the schema's `bad-format`.
  if (!/^(?:\d{1,3}\.){3}\d{1,3}$/.test(text)) return [];
  const shown = `got ${quoted(text)}`;
  const address = parseIpv4(text);
  if (address === undefined) {
    return [
      broken(
        at,
        `must have four numbers from 0 to 255 without leading zeros, ${shown}`,
        'such as 1.1.1.1',
      ),
    ];
  }
  const first = Math.floor(address / 2 ** 24);
  if (first === 127) {
    const help =
      'this address is the guest itself; `resolvectl dns` lists the servers of this host';
    return [broken(at, `must be the address of another host, ${shown}`, help)];
  }
  if (first !== 0 && first < 224) return [];
  return [broken(at, `must be the address of one host, ${shown}`, 'such as 1.1.1.1')];
}

function broken(at: string, text: string, help: string): Diagnostic {
  return problem('name-server-syntax', at, text, help);
}
