import { type ExitName, exitCodes } from '../../core/failure.ts';
import type { Positional, Syntax } from '../define/grammar.ts';
import {
  exampleBlocks,
  flagBlock,
  oneOf,
  pageName,
  references,
  section,
  term,
  text,
} from './parts.ts';
import { type Block, bold, italic, type Page } from './roff.ts';

/** The page of one command: vllmd-disk-reset(1). */
export function commandPage(syntax: Syntax): Page {
  const { summary, details, flags, positionals, examples } = syntax;
  return {
    ...{ name: pageName(syntax), section: 1, summary },
    sections: [
      { title: 'SYNOPSIS', blocks: [{ kind: 'roff', roff: synopsis(syntax) }] },
      { title: 'DESCRIPTION', blocks: [text(`${summary}.`), ...details.map(text)] },
      ...section('OPERANDS', positionals.map(operandBlock)),
      ...section('OPTIONS', flags.map(flagBlock)),
      ...section('EXAMPLES', exampleBlocks(examples)),
      { title: 'EXIT STATUS', blocks: exitBlocks(syntax) },
      references([
        ['vllmd', 1],
        ['vllmd.toml', 5],
      ]),
    ],
  };
}

function exitBlocks({ exits }: Syntax): readonly Block[] {
  const meanings: Syntax['exits'] = { ok: 'It is done.', ...exits };
  const names = Object.keys(exitCodes).filter((name): name is ExitName => name in exitCodes);
  return [
    ...names.flatMap((name) => {
      const meaning = meanings[name];
      return meaning === undefined ? [] : [term(String(exitCodes[name]), meaning)];
    }),
    text('The codes of all commands are listed in `vllmd`(1).'),
  ];
}

function synopsis({ path, flags, positionals }: Syntax): string {
  const required = flags.flatMap(({ names: [name], value, isRequired }) =>
    isRequired ? [`${bold(name)} ${italic(value?.name ?? '')}`] : [],
  );
  const operands = positionals.map(({ name, isList, isRequired }) => {
    const word = `${italic(name)}${isList ? '...' : ''}`;
    return isRequired ? word : `[${word}]`;
  });
  const words = [bold(['vllmd', ...path].join(' ')), `[${italic('OPTION')}]...`];
  return [...words, ...required, ...operands].join(' ');
}

function operandBlock({ name, describe, value }: Positional): Block {
  const words = value.words.length > 0 ? [oneOf(value.words)] : [];
  return { kind: 'term', term: italic(name), text: [`${describe}.`, ...words].join(' ') };
}
