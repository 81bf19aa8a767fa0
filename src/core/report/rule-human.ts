import type { Explanation } from '../catalogue/explanation.ts';
import { type LongForm, longForm } from '../catalogue/long-form.ts';
import { loadConfig } from '../config/load.ts';
import { locate } from '../config/locate.ts';
import type { Mode } from '../config/mode.ts';
import { columns } from './columns.ts';
import { diagnosticFrames } from './diagnostics-human.ts';
import type { Style } from './style.ts';
import { wrap } from './wrap.ts';

const WIDTH = 80;
const INDENT = '  ';

/** The long form of a rule, with what validation says to its wrong example. */
export function ruleHuman(entries: readonly Explanation[], style: Style): string {
  return entries.map((entry) => `${partsOf(longForm(entry), style).join('\n\n')}\n`).join('\n');
}

function partsOf(form: LongForm, style: Style): readonly string[] {
  const { id, title, why, remedy, source, mode = 'strict', wrong, right } = form;
  const paragraph = (label: string, text: string) =>
    wrap(`${label}: ${text}`, WIDTH).join('\n').replace(label, style.bold(label));
  const example = (label: string, text: string) => `${style.bold(label)}:\n\n${indented(text)}`;
  return [
    [style.bold(id), ...wrap(title, WIDTH)].join('\n'),
    paragraph('Why', why),
    paragraph('What to do', remedy),
    ...(wrong === undefined
      ? []
      : [example('Wrong', wrong), indented(verdict(wrong, mode, style))]),
    ...(right === undefined ? [] : [example('Right', right)]),
    ...(source === undefined ? [] : [paragraph('Source', source)]),
  ];
}

function verdict(text: string, mode: Mode, style: Style): string {
  const { result } = loadConfig(new TextEncoder().encode(text), mode);
  const found = result.ok ? result.warnings : result.diagnostics;
  return diagnosticFrames(locate(text, found), { file: 'vllmd.toml', text }, style).join('\n\n');
}

function indented(text: string): string {
  const lines = text.trimEnd().split('\n');
  return lines.map((line) => `${INDENT}${line}`.trimEnd()).join('\n');
}

/** Every id and what it is about, by area. */
export function ruleListHuman(entries: readonly Explanation[], style: Style): string {
  const areas = [...new Set(entries.map(({ area }) => area))];
  const parts = areas.map((area) => {
    const rows = entries
      .filter((entry) => entry.area === area)
      .map(({ id, ...rest }) => [id, rest.kind === 'rule' ? rest.title : rest.refused]);
    return [style.bold(area), ...columns(rows, INDENT)].join('\n');
  });
  return `${parts.join('\n\n')}\n`;
}
