import fc from 'fast-check';
import { expect, test } from 'vitest';
import { programsOf } from '../../../../src/core/fleet/doctor/programs-of.ts';

const names = (command: string) => programsOf(command).map(({ name }) => name);

test.for([
  ['nvidia-smi > /dev/null 2>&1 && echo ok', ['nvidia-smi', 'echo']],
  ['pkill -f llama-server || true', ['pkill', 'true']],
  ['llama-server --model {source} --port {port} {backend_args}', ['llama-server']],
  ['env A=b C=d llama-server', ['env', 'llama-server']],
  ['A=b C="d e" llama-server -x', ['llama-server']],
  ['A=$(cat /x) llama-server', ['llama-server']],
  ['A={port} llama-server', ['llama-server']],
  ['sudo -n systemctl stop a', ['sudo', 'systemctl']],
  ['sudo -nu bob env X=y run', ['sudo', 'env', 'run']],
  ['sudo -uroot run', ['sudo', 'run']],
  ['nohup /opt/llama/llama-server -m x > log 2>&1 &', ['nohup', '/opt/llama/llama-server']],
  ['timeout -k 2 5 curl -sf x', ['timeout', 'curl']],
  ['curl -s x | jq .a | grep -q b', ['curl', 'jq', 'grep']],
  ["'/opt/my llama/server' --x", ['/opt/my llama/server']],
  ['"a b"c d', ['a bc']],
  ['if test -f x; then run; else other; fi', ['test', 'run', 'other']],
  ['for x in a b; do kill $x; done', ['kill']],
  ['(cd /x && ./run)', ['cd', './run']],
  ['{ a; b; }', ['a', 'b']],
  ['! pgrep x', ['pgrep']],
  ['2>/dev/null run >&- <in', ['run']],
  ['run # then stop', ['run']],
  ['a \\\n b; c', ['a', 'c']],
  ['command -v x', ['command']],
  ['exec -a name run', ['exec', 'run']],
] as const)('the programs of %s are known', ([command, expected]) => {
  expect(names(command)).toEqual(expected);
});

test.for([
  ['$PROGRAM x', []],
  ['~/bin/run', []],
  ['{source} x', []],
  ['"$HOME"/run', []],
  ['`which x` y', []],
  ['case $x in a) b;; esac', []],
  ['f() { g; }; f', []],
  ['cat <<END\nrun\nEND', ['cat']],
  ["echo 'no end", ['echo']],
  ['sudo $FLAGS run', ['sudo']],
] as const)('what %s needs is not guessed', ([command, expected]) => {
  expect(names(command)).toEqual(expected);
});

test('what sudo starts is told from what the account starts itself', () => {
  expect(programsOf('nft list; sudo nft list')).toEqual([
    { name: 'nft', isBySudo: false },
    { name: 'sudo', isBySudo: false },
    { name: 'nft', isBySudo: true },
  ]);
});

test('any text comes to an end, and a name is never empty', () => {
  const pieces = fc.constantFrom(
    'a',
    ' ',
    "'",
    '"',
    '$(',
    ')',
    '`',
    '\\',
    '|',
    '>',
    '<<',
    '{port}',
    '\n',
    '=',
    '-u',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      for (const { name } of programsOf(parts.join(''))) expect(name).not.toBe('');
    }),
  );
});
