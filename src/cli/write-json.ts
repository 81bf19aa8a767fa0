import type { World } from '../host/world.ts';

/** A document as one line, for a stream of them. */
export function writeJsonLine(value: object, world: World): void {
  world.stdout.write(`${escaped(JSON.stringify(value))}\n`);
}

export function writeJson(value: object, world: World): void {
  world.stdout.write(`${escaped(JSON.stringify(value, undefined, 2))}\n`);
}

/** What stands in strings only, is not seen, and on a terminal could turn what stands around it. */
const INVISIBLE = /[\u007f-\u009f\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu;

const PLAIN = /^[\n -~]*$/;

/** The same document: a reader of JSON cannot tell the difference. */
function escaped(json: string): string {
  // Nearly every document is plain, and a large one is searched for all of them in vain.
  if (PLAIN.test(json)) return json;
  return json.replace(INVISIBLE, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
