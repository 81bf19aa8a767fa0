// Hundreds of names made of what some syntax on the way treats as its own: as a config, and held against what systemd has.
const { readFileSync } = require('node:fs');

/** The list of test/support, staged beside this file. */
const TOKENS = require('./hostile-tokens.json');

/** The same in each run: a linear congruential generator. */
function namesOf(count) {
  let state = 20_261_126;
  const next = (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
  return Array.from({ length: count }, (_, at) => {
    const tokens = Array.from({ length: 1 + next(6) }, () => TOKENS[next(TOKENS.length)]);
    return `${tokens.join('')}${at}${['', '\\', '"', '%'][next(4)]}`;
  });
}

function configOf(names) {
  const escaped = (name) =>
    [...name].map((one) => `\\U${one.codePointAt(0).toString(16).padStart(8, '0')}`).join('');
  const tables = names.map(
    (name, at) => `[[runtimes]]\nindex = ${at + 1}\nname = "${escaped(name)}"\n`,
  );
  return `[global]\nuser = "sdake"\n\n${tables.join('\n')}`;
}

function compare(names, shown, values) {
  const units = new Map(
    shown
      .split('\n\n')
      .map((part) => [/^Id=(.*)$/m.exec(part)?.[1], /^Description=(.*)$/m.exec(part)?.[1]]),
  );
  const variables = new Map(values.split('\0').map((one) => one.split(/=(.*)/s)));
  const wrong = names.flatMap((name, at) => {
    const found = [
      [units.get(`vllmd-runtime@${at + 1}.service`), `vllmd runtime ${at + 1}: ${name}`],
      [variables.get(`NAME_${at + 1}`), name],
    ];
    return found.filter(([seen, wanted]) => seen !== wanted).map((pair) => JSON.stringify(pair));
  });
  return wrong.length === 0 ? `${2 * names.length} as they were` : wrong.join('\n');
}

const [task, count, ...files] = process.argv.slice(2);
const names = namesOf(Number(count));
const texts = files.map((file) => readFileSync(file, 'utf8'));
process.stdout.write(task === 'config' ? configOf(names) : `${compare(names, ...texts)}\n`);
