type InterruptSignal = 'SIGINT' | 'SIGTERM';

/** Signals that a program which changes a host answers by rolling back, at the next point where that can be done. */
export type Interrupts = {
  /** The first of them, if there was one. */
  readonly received: () => InterruptSignal | undefined;
  /** Called when the terminal is gone (SIGHUP), which is no reason to stop a change. */
  readonly onHangUp: (callback: () => void) => void;
  /** Called at every one of them; `count` is 1 at the first. */
  readonly onSignal: (callback: (signal: InterruptSignal, count: number) => void) => void;
  /** Gives the signals their usual meaning back. */
  readonly stop: () => void;
};

/** What sends signals: a process. */
export type SignalSource = {
  readonly on: (signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void) => unknown;
  readonly off: (signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void) => unknown;
};

/** The end of a terminal (SIGHUP) is no reason to stop: it is ignored. */
export function noteInterrupts(source: SignalSource): Interrupts {
  const callbacks: ((signal: InterruptSignal, count: number) => void)[] = [];
  let first: InterruptSignal | undefined;
  let count = 0;
  const hangUps: (() => void)[] = [];
  const note = (signal: NodeJS.Signals) => {
    if (signal === 'SIGHUP') for (const callback of hangUps) callback();
    if (signal !== 'SIGINT' && signal !== 'SIGTERM') return;
    first ??= signal;
    count += 1;
    for (const callback of callbacks) callback(signal, count);
  };
  const signals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) source.on(signal, note);
  return {
    received: () => first,
    onHangUp: (callback) => void hangUps.push(callback),
    onSignal: (callback) => void callbacks.push(callback),
    stop: () => {
      for (const signal of signals) source.off(signal, note);
    },
  };
}
