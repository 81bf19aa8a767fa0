/** From the request to end until it is ended. */
const GRACE_MS = 5000;

/** Asks for an end when the time is over, and ends what does not care. */
export function limitTime(timeoutMs: number, end: (signal: 'SIGTERM' | 'SIGKILL') => unknown) {
  let isOver = false;
  const late = (signal: 'SIGTERM' | 'SIGKILL') => {
    isOver = true;
    end(signal);
  };
  const timers = [
    setTimeout(late, timeoutMs, 'SIGTERM'),
    setTimeout(late, timeoutMs + GRACE_MS, 'SIGKILL'),
  ];
  return { isOver: () => isOver, stop: () => timers.forEach(clearTimeout) };
}
