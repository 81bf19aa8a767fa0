import { counted } from '../counted.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { Check } from './check.ts';
import type { PrecheckView } from './view.ts';

/** The config that the host is held against. */
export function configChecks({ config, desired }: PrecheckView): readonly Check[] {
  const base = { id: 'config-valid', subsystem: 'config' } as const;
  switch (config.kind) {
    case 'valid': {
      const message = `${config.file}: valid, ${counted(desired.runtimes.length, 'runtime')}`;
      return [{ ...base, verdict: 'pass', message }, ...config.forgiven.map(forgiven)];
    }
    case 'invalid': {
      const message = `${config.file} is not valid: ${counted(config.problems, 'problem')}; what follows is about the host alone`;
      return [{ ...base, verdict: 'fail', message, remedy: [config.look] }];
    }
    case 'none': {
      const message = `${config.why}: every GPU of the host is looked at, and no sizes`;
      return [{ ...base, verdict: 'info', message, remedy: ['vllmd precheck --config FILE'] }];
    }
    default:
      return config satisfies never;
  }
}

function forgiven({ rule, message, help, position }: Diagnostic): Check {
  const place = position === undefined ? '' : `line ${position.line}: `;
  return {
    ...{ id: rule, subsystem: 'config', verdict: 'warn', message: place + message },
    ...(help === undefined ? {} : { remedy: help.split('\n') }),
  };
}
