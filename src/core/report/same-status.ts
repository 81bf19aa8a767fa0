import type { Status } from './status.ts';

/** Whether nothing else is to be told: time goes by, and memory is used, all the time. */
export function isSameStatus(a: Status, b: Status): boolean {
  return steady(a) === steady(b);
}

function steady({ runtimes, ...rest }: Status): string {
  return JSON.stringify({
    ...rest,
    at: '',
    busy: rest.busy === null,
    runtimes: runtimes.map((runtime) => ({ ...runtime, memory_used_bytes: 0 })),
  });
}
