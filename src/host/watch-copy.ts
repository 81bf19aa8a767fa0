import type { HostReader } from './host.ts';

/** A disk that a unit makes from its base image before its VM starts. */
export type Copy = {
  readonly index: number;
  /** What is being written; it gets another name once it is whole. */
  readonly path: string;
  readonly totalBytes: number;
};

const INTERVAL_MS = 500;

/** Runs something, and reports meanwhile how far the copy has come. */
export async function watchCopy<Value>(
  copy: Copy | undefined,
  host: HostReader,
  report: (doneBytes: number) => void,
  run: () => Promise<Value>,
): Promise<Value> {
  if (copy === undefined) return run();
  report(0);
  let isOver = false;
  const look = async () => {
    const stat = await host.stat(copy.path);
    if (!isOver && stat !== undefined) report(Math.min(stat.allocatedBytes, copy.totalBytes));
  };
  // What cannot be seen is not shown; the unit itself says what went wrong.
  const timer = setInterval(() => void look().catch(() => undefined), INTERVAL_MS);
  try {
    return await run();
  } finally {
    isOver = true;
    clearInterval(timer);
  }
}
