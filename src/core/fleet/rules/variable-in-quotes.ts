import type { Quoting } from '../template/quoting.ts';
import { ofEachPlaceholder } from './each-placeholder.ts';
import type { FleetRule } from './rule.ts';
import { doubtful, wrong } from './tell.ts';

/** A value comes with quotes of its own: within others they cancel, or become a part of the value. */
export const variableInQuotes: FleetRule = {
  id: 'fleet-variable-in-quotes',
  of: 'entry',
  check: (subject) =>
    ofEachPlaceholder(subject, 'quoted', ({ name, within }, { pointer }) => {
      const placeholder = `{${name}}`;
      const text = `${placeholder} ${places[within]}`;
      const help = helpFor(within, placeholder);
      if (subject.mode !== 'strict')
        return doubtful('fleet-variable-in-quotes', pointer, text, help);
      const lenient = `${help}; with --lenient it is a warning`;
      return wrong('fleet-variable-in-quotes', pointer, text, lenient);
    }),
};

const places: Readonly<Record<Quoting, string>> = {
  'single quotes': 'stands in single quotes, which cancel those of its value',
  'double quotes': 'stands in double quotes, where those of its value become a part of it',
  backslash: 'stands behind a backslash, which opens the quotes of its value',
  backticks: 'stands in backticks, which one in its value ends in spite of its quotes',
  comment: 'stands in a comment, where its value protects nothing',
  'here-document': 'stands in a here-document, where the quotes of its value become a part of it',
  arithmetic: 'stands in an arithmetic expression, where the quotes of its value are an error',
};

function helpFor(within: Quoting, placeholder: string): string {
  switch (within) {
    case 'single quotes':
    case 'double quotes':
      return `remove the quotes around ${placeholder}; values are quoted already`;
    case 'backslash':
      return `remove the backslash before ${placeholder}; values are quoted already`;
    case 'backticks':
      return `write $(…) instead of the backticks around ${placeholder}`;
    case 'comment':
      return 'remove the comment, or put blanks within the braces';
    case 'here-document':
    case 'arithmetic':
      return `put it into a variable of the shell before: value=${placeholder}`;
    default:
      return within satisfies never;
  }
}
