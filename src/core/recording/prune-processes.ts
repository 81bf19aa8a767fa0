import { type Answers, HIDDEN_TARGET, isFailed, type RecordedEntry } from './recording.ts';

const OF_PROCESS = /^\/proc\/(\d+)\/(?:fd(?:\/\d+)?|maps|comm)$/;

/** Leaves out the processes that have no device open, which are nearly all: they are nobody's business. */
export function pruneProcesses(answers: Answers): Answers {
  const holders = new Set(
    [...answers.read].flatMap(([path, entry]) => {
      const pid = OF_PROCESS.exec(path)?.[1];
      return pid !== undefined && !isFailed(entry) && isHeld(path, entry) ? [pid] : [];
    }),
  );
  const isKept = (path: string): boolean => {
    const pid = OF_PROCESS.exec(path)?.[1];
    return pid === undefined || holders.has(pid);
  };
  const isOpen = (path: string): boolean => {
    const entry = answers.read.get(path);
    return entry !== undefined && !isFailed(entry) && isHeldOpen(entry);
  };
  const read = [...answers.read].filter(
    ([path]) => isKept(path) && (!/^\/proc\/\d+\/fd\//.test(path) || isOpen(path)),
  );
  const list = [...answers.list].flatMap(([path, answer]) => {
    if (!isKept(path)) return [];
    if (isFailed(answer) || answer.names === undefined) return [[path, answer] as const];
    const names = answer.names.filter((name) => {
      if (path === '/proc') return holders.has(name);
      return !/^\/proc\/\d+\/fd$/.test(path) || isOpen(`${path}/${name}`);
    });
    return [[path, { ...answer, names }] as const];
  });
  return { ...answers, read: new Map(read), list: new Map(list) };
}

function isHeld(path: string, entry: RecordedEntry): boolean {
  if (/\/fd\/\d+$/.test(path)) return isHeldOpen(entry);
  return path.endsWith('/maps') && entry.type === 'file' && (entry.text ?? '') !== '';
}

function isHeldOpen(entry: RecordedEntry): boolean {
  return entry.type === 'link' && entry.target !== HIDDEN_TARGET;
}
