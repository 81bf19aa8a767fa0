import type { Check } from './check.ts';
import { counted, type PrecheckView } from './view.ts';

/** The config that the host is held against. */
export function configChecks({ config, desired }: PrecheckView): readonly Check[] {
  const base = { id: 'config-valid', subsystem: 'config' } as const;
  switch (config.kind) {
    case 'valid': {
      const message = `${config.file}: valid, ${counted(desired.runtimes.length, 'runtime')}`;
      return [{ ...base, verdict: 'pass', message }];
    }
    case 'invalid': {
      const message = `${config.file} is not valid: ${counted(config.problems, 'problem')}; what follows is about the host alone`;
      const remedy = [`vllmd validate ${config.file}`];
      return [{ ...base, verdict: 'fail', message, remedy }];
    }
    case 'none': {
      const message = `${config.why}: every GPU of the host is looked at, and no sizes`;
      return [{ ...base, verdict: 'info', message, remedy: ['vllmd precheck --config FILE'] }];
    }
    default:
      return config satisfies never;
  }
}
