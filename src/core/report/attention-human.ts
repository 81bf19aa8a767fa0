import { visible } from '../control-characters.ts';
import type { Advice, Attention } from './attention.ts';
import { columns } from './columns.ts';
import type { Status } from './status.ts';
import type { Style } from './style.ts';
import { textWidth } from './text-width.ts';
import { wrap } from './wrap.ts';

/** `2 of 8 runtimes and 1 other thing need you`; nothing when all is well. */
export function needYou({ attention, runtimes }: Status, style: Style): readonly string[] {
  const things = attention.filter(isThing);
  const concerned = new Set(things.flatMap(({ runtime }) => runtime ?? [])).size;
  const others = things.filter(({ runtime }) => runtime === null).length;
  if (concerned + others === 0) return [];
  const all = runtimes.length;
  const ofAll = `${concerned} of ${all} ${all === 1 ? 'runtime' : 'runtimes'}`;
  const rest = `${others} ${concerned > 0 ? 'other ' : ''}${others === 1 ? 'thing' : 'things'}`;
  const parts = [...(concerned > 0 ? [ofAll] : []), ...(others > 0 ? [rest] : [])];
  const verb = concerned + others === 1 ? 'needs' : 'need';
  return [style.bold(style.red(`${parts.join(' and ')} ${verb} you`))];
}

/** An install that is not finished is told by itself, before all else. */
function isThing({ subject }: Attention): boolean {
  return subject !== 'vllmd';
}

/** What is to be done, as commands that can be copied. */
export function attentionHuman(
  attention: readonly Attention[],
  { style, width }: { readonly style: Style; readonly width: number | undefined },
): readonly string[] {
  const groups = grouped(attention.filter(isThing));
  if (groups.length === 0) return [];
  return [
    style.bold('To do:'),
    ...groups.flatMap(({ texts, commands }) => [
      ...texts.flatMap((text) => wrap(`  ${visible(text)}`, width, '    ')),
      ...commandLines(commands, style, width),
    ]),
  ];
}

type Group = { readonly texts: readonly string[]; readonly commands: readonly Advice[] };

/** What the same commands help against is told together. */
function grouped(attention: readonly Attention[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const { text, commands } of attention) {
    const key = JSON.stringify(commands);
    const texts = groups.get(key)?.texts ?? [];
    groups.set(key, { texts: [...texts, text], commands });
  }
  return [...groups.values()];
}

const MARGIN = '      ';

/** As a shell would take them: what they are for is a comment, beside them where there is room. */
function commandLines(
  commands: readonly Advice[],
  style: Style,
  width: number | undefined,
): readonly string[] {
  const rows = commands.map(({ command, why }) => [command, style.dim(`# ${why}`)]);
  const lines = columns(rows, MARGIN);
  if (width === undefined || lines.every((line) => textWidth(line) <= width)) return lines;
  return rows.flatMap(([command = '', why = '']) => [MARGIN + why, MARGIN + command]);
}
