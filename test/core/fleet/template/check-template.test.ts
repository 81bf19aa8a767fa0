import { expect, test } from 'vitest';
import { templateProblems } from '../../../../src/core/fleet/template/check-template.ts';
import { variablesIn } from '../../../../src/core/fleet/template/contexts.ts';
import { interpolate } from '../../../../src/core/fleet/template/interpolate.ts';
import { variableNames } from '../../../../src/core/fleet/template/variables.ts';
import { bashOutput } from './bash-words.ts';

test('a name that no variable has is unknown, and found where it stands', () => {
  expect(templateProblems('awk {print} {foo}', variableNames)).toEqual([
    { kind: 'unknown', name: 'print', index: 4 },
    { kind: 'unknown', name: 'foo', index: 12 },
  ]);
});

test('a health check knows its host only; all other commands know every variable', () => {
  expect(templateProblems('ping {host} {source}', variablesIn('check_cmd'))).toEqual([
    { kind: 'unavailable', name: 'source', index: 12 },
  ]);
  const others = [
    'stop_cmd',
    'cleanup_cmd',
    'apply_cmd',
    'verify_cmd',
    'rollback_cmd',
    'start_cmd',
    'probe_cmd',
  ] as const;
  for (const key of others) expect(variablesIn(key)).toEqual(variableNames);
});

test('what belongs to the shell or to container tools is no problem', () => {
  const command = `\${home} \${port} {{.ID}} {{source}} {FOO} {0} {a,b} { print }`;
  expect(templateProblems(command, variableNames)).toEqual([]);
});

const SAID = "printf '%s\\0' ";

/** Commands that print the value as a word, where nothing takes its quotes from it. */
const bare = [
  `${SAID}{source}`,
  `printf '%s' 'a''b' >&2; ${SAID}{source} | cat`,
  `x="q 'r"; ${SAID}{source}`,
  `x='a"b'; ${SAID}{source}`,
  `x=$'it\\'s'; ${SAID}{source}`,
  `x=\\'; ${SAID}{source}`,
  `x=\\"; ${SAID}{source}`,
  `: # don't\n${SAID}{source}`,
  `: a#'b'; ${SAID}{source}`,
  `: \\ #'b'; ${SAID}{source}`,
  `x=\${y#"'"}; ${SAID}{source}`,
  `x=\${y:-"}"}; ${SAID}{source}`,
  `x="\${y:-'}"'}"; ${SAID}{source}`,
  `${SAID}\${y:-{source}}`,
  `"printf" '%s\\0' "$(${SAID.replace('\\0', '')}{source})"`,
  `x="$(echo ")")"; ${SAID}{source}`,
  `x=$((1 << (2 + 1))); ${SAID}{source}`,
  `cat >/dev/null <<EOF\nit's\nEOF\n${SAID}{source}`,
  `cat >/dev/null <<'E F'; cat >/dev/null <<-"G"\nit's\nE F\n"\n\tG\n${SAID}{source}`,
  `cat >/dev/null <<<"a'b"; ${SAID}{source}`,
  `(: ")"); ${SAID}{source}`,
  `x=\`echo "'"\`; ${SAID}{source}`,
  `x=\`: # it's\`; ${SAID}{source}`,
  `case a in a) ${SAID}{source};; esac`,
];

/** Commands in which they do, and what takes them. */
const quoted = [
  [`${SAID}'{source}'`, 'single quotes'],
  [`${SAID}$'{source}'`, 'single quotes'],
  [`${SAID}$'\\'{source}'`, 'single quotes'],
  [`${SAID}"{source}"`, 'double quotes'],
  [`${SAID}$"{source}"`, 'double quotes'],
  [`${SAID}"a\\"{source}"`, 'double quotes'],
  [`${SAID}"$(echo 'a')"; ${SAID}"{source}"`, 'double quotes'],
  [`${SAID}"\${y:-{source}}"`, 'double quotes'],
  [`bash -c "${SAID}{source}"`, 'double quotes'],
  [`${SAID}\\{source}`, 'backslash'],
  [`x=\`${SAID}{source}\`; printf %s "$x"`, 'backticks'],
  [`x=\`: $(${SAID}{source})\``, 'backticks'],
  [`: # {source}`, 'comment'],
  [`: \\\n# {source}`, 'comment'],
  [`x=\`: # {source}\``, 'comment'],
  [`cat <<EOF\n{source}\nEOF`, 'here-document'],
  [`cat <<-'EOF'\n\t{source}\n\tEOF`, 'here-document'],
  [`cat <<EOF\n{source}`, 'here-document'],
  [`${SAID}$(( {source} + 1 ))`, 'arithmetic'],
  [`${SAID}$(( (1 + {source}) * 2 ))`, 'arithmetic'],
] as const;

/** Ends every kind of quotes, has blanks, and a line of its own that would run. */
const hostile = 'a b\'"`\nprintf ran\n#$y;)}';

test.for(bare)('a value is protected in %j', (command) => {
  expect(templateProblems(command, variableNames)).toEqual([]);
  expect(bashOutput(interpolate(command, { source: hostile }))).toBe(`${hostile}\0`);
});

test.for(quoted)('a value in %j is not protected: %s', ([command, within]) => {
  const index = command.lastIndexOf('{source}');
  expect(templateProblems(command, variableNames)).toEqual([
    { kind: 'quoted', name: 'source', index, within },
  ]);
  expect(outputOf(interpolate(command, { source: hostile }))).not.toBe(`${hostile}\0`);
});

/** Of a command that bash may refuse. */
function outputOf(command: string): string {
  try {
    return bashOutput(command);
  } catch (error) {
    return String(error);
  }
}

test('a name is judged before its quotes', () => {
  expect(templateProblems("'{nope}'", variableNames)).toEqual([
    { kind: 'unknown', name: 'nope', index: 1 },
  ]);
});

test('text with many braces and quotes is read in one pass', () => {
  const command = `${'{{ '.repeat(20_000)}${'"$(\''.repeat(20_001)}{source}`;
  expect(templateProblems(command, variableNames)).toHaveLength(1);
});
