import { type ExampleReader, exampleProblems } from '../catalogue/example-reader.ts';
import type { Explanation } from '../catalogue/explanation.ts';
import { type LongForm, longForm } from '../catalogue/long-form.ts';
import { hangingColumns } from './columns.ts';
import { diagnosticFrames } from './diagnostics-human.ts';
import type { Style } from './style.ts';
import { wrap, wrapProse } from './wrap.ts';

/** Of prose, where the terminal is no narrower. */
const WIDTH = 80;
const INDENT = '  ';

export type RuleLook = {
  readonly style: Style;
  /** Of the terminal; undefined: there is none. */
  readonly width: number | undefined;
};

/** `reader` is that of its examples. */
export type RulePageLook = RuleLook & { readonly reader: ExampleReader };

/** The long form of a rule, with what validation says to its wrong example. */
export function ruleHuman(entry: Explanation, look: RulePageLook): string {
  return `${partsOf(longForm(entry), look).join('\n\n')}\n`;
}

function partsOf(form: LongForm, look: RulePageLook): readonly string[] {
  const { style, width } = look;
  const proseWidth = Math.min(WIDTH, width ?? WIDTH);
  const { id, title, why, remedy, source, wrong, right } = form;
  const paragraph = (label: string, text: string) =>
    wrap(`${label}: ${text}`, proseWidth).join('\n').replace(label, style.bold(label));
  const example = (label: string, text: string) => `${style.bold(label)}:\n\n${indented(text)}`;
  return [
    [style.bold(id), ...wrap(title, proseWidth)].join('\n'),
    paragraph('Why', why),
    paragraph('What to do', remedy),
    ...(wrong === undefined ? [] : [example('Wrong', wrong), indented(verdict(wrong, form, look))]),
    ...(right === undefined ? [] : [example('Right', right)]),
    ...(source === undefined ? [] : [paragraph('Source', source)]),
  ];
}

function verdict(text: string, form: LongForm, { style, width, reader }: RulePageLook): string {
  const found = exampleProblems(text, form.mode, reader);
  const source = { file: form.file ?? 'vllmd.toml', text };
  const frames = diagnosticFrames(reader.locate(text, found), source, style).join('\n\n');
  return wrapProse(frames, width === undefined ? undefined : width - INDENT.length);
}

function indented(text: string): string {
  const lines = text.trimEnd().split('\n');
  return lines.map((line) => `${INDENT}${line}`.trimEnd()).join('\n');
}

/** Every id and what it is about, by area. */
export function ruleListHuman(entries: readonly Explanation[], { style, width }: RuleLook): string {
  const areas = [...new Set(entries.map(({ area }) => area))];
  const parts = areas.map((area) => {
    const rows = entries
      .filter((entry) => entry.area === area)
      .map(({ id, ...rest }) => [id, rest.kind === 'rule' ? rest.title : rest.refused]);
    return [style.bold(area), ...hangingColumns(rows, width, INDENT)].join('\n');
  });
  return `${parts.join('\n\n')}\n`;
}
