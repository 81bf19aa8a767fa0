// Instruction counts as they were recorded, and whether they have grown since.
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('instructions.json', import.meta.url);

/** More is a regression. */
const TOLERANCE = 0.15;
/** What two runs of an empty program can differ by. */
const NOISE = 5e6;

const thisNode = `${process.version} ${process.arch}`;

/** By the Node that they were counted with: { 'v20.20.2 x64': { 'vllmd --version': 14000000 } }, without those of an empty program. */
function recorded() {
  return JSON.parse(readFileSync(file, 'utf8'));
}

export function record(counts) {
  const all = { ...recorded(), [thisNode]: counts };
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
  console.log(`recorded for Node.js ${thisNode}`);
}

/** Says each that has grown; false where one has, or where there is nothing to compare with. */
export function isWithin(counts) {
  const all = recorded();
  // Releases of one line differ little.
  const known = all[thisNode] === undefined ? Object.keys(all).find(isOfThisLine) : thisNode;
  if (known === undefined) {
    const how = '`npm run bench -- --record`, at a commit that is as fast as it should be';
    console.error(`nothing is recorded for a Node.js like ${thisNode}: ${how}`);
    return false;
  }
  if (known !== thisNode) console.log(`compared with what was recorded for Node.js ${known}`);
  const before = all[known];
  const grown = Object.entries(counts).filter(
    ([name, count]) => count > (before[name] ?? 0) * (1 + TOLERANCE) + NOISE,
  );
  for (const [name, count] of grown) {
    const was =
      before[name] === undefined ? 'not recorded' : `recorded are ${millions(before[name])}`;
    console.error(`${name}: ${millions(count)} million instructions, ${was}`);
  }
  return grown.length === 0;
}

function isOfThisLine(name) {
  const lineOf = (node) => `${node.split('.')[0]} ${node.split(' ')[1]}`;
  return lineOf(name) === lineOf(thisNode);
}

export function millions(count) {
  return (count / 1e6).toFixed(0);
}
