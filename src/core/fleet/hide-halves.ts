/** As the output of a command has it where its middle is left out. */
const SEAM = /\uFFFD*(\n… \d+ bytes left out …\n)\uFFFD*/;

/** Less than this of a secret could be anything. */
const LEAST_PART = 4;

/** A text with what is left of secrets hidden on both sides of a part that was left out. */
export function hideAtSeams(text: string, forms: readonly string[], hidden: string): string {
  const [first = '', ...rest] = text.split(SEAM);
  return rest.reduce((done, part, at) => {
    const isSeam = at % 2 === 0;
    return isSeam ? hideEnd(done, forms, hidden) + part : done + hideBeginning(part, forms, hidden);
  }, first);
}

/** A text whose beginning was cut off, with the end of a secret hidden that it may begin with. */
export function hideBeginning(text: string, forms: readonly string[], hidden: string): string {
  const longest = Math.max(0, ...forms.map((form) => commonEnd(form, text)));
  return longest === 0 ? text : hidden + text.slice(longest);
}

function hideEnd(text: string, forms: readonly string[], hidden: string): string {
  const longest = Math.max(0, ...forms.map((form) => commonBeginning(form, text)));
  return longest === 0 ? text : text.slice(0, text.length - longest) + hidden;
}

/** How much of the end of a secret, or all of it, the text begins with. */
function commonEnd(form: string, text: string): number {
  for (let length = form.length; length >= LEAST_PART; length -= 1) {
    if (text.startsWith(form.slice(-length))) return length;
  }
  return 0;
}

/** How much of the beginning of a secret, or all of it, the text ends with. */
function commonBeginning(form: string, text: string): number {
  for (let length = form.length; length >= LEAST_PART; length -= 1) {
    if (text.endsWith(form.slice(0, length))) return length;
  }
  return 0;
}
