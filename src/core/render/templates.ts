import type { TemplateDelegate } from 'handlebars';
import Handlebars from 'handlebars/runtime.js';
import { envValue } from './escape/env-file.ts';
import { unitCommand, unitText, unitWord } from './escape/systemd.ts';
import { templateSpecs } from './templates.gen.ts';

/** Path of a template under templates/, without `.hbs`. */
export type TemplateName = keyof typeof templateSpecs;

const engine = Handlebars.create();
engine.registerHelper({
  unitText: escaper(unitText),
  unitWord: escaper(unitWord),
  unitCommand: escaper(unitCommand),
  envValue: escaper(envValue),
  json: escaper((value: unknown) => JSON.stringify(value)),
});

// Each time a template is rendered, every helper there is gets wrapped: those that none uses stay out.
for (const name of ['blockHelperMissing', 'helperMissing', 'log', 'lookup', 'unless', 'with']) {
  engine.unregisterHelper(name);
}

/** Strict mode looks at plain values only: a helper would be given `undefined` and print it. */
function escaper<Value>(write: (value: Value) => string): (value: Value | undefined) => string {
  return (value) => {
    if (value === undefined) throw new TypeError('a value that the template names is missing');
    return write(value);
  };
}

const compiled = new Map<TemplateName, TemplateDelegate>();

/** Throws when the view lacks a value that the template names. */
export function renderTemplate(name: TemplateName, view: object): string {
  let template = compiled.get(name);
  if (template === undefined) {
    template = engine.template(templateSpecs[name]);
    compiled.set(name, template);
  }
  return template(view, { allowProtoMethodsByDefault: false });
}
