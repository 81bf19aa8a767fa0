import { visible } from '../control-characters.ts';
import type { SavedPlan, SavedStep } from './saved-plan.ts';

/** What would happen to a step's path or unit. A file may hold verbs that this vllmd does not know. */
const participles: Readonly<Record<string, string>> = {
  create: 'created',
  update: 'replaced',
  delete: 'removed',
  metadata: 'given its mode and owner',
  stop: 'stopped',
  start: 'started',
  restart: 'restarted',
  reload: 'reloaded',
  enable: 'enabled',
  disable: 'disabled',
  'reset-failed': 'cleared of its failure',
  'daemon-reload': 'reloaded',
  conflict: 'a conflict',
};

/** Causes first. What follows from another config or record is not listed: all of it may be different. */
export function whatMoved(saved: SavedPlan, now: SavedPlan): readonly string[] {
  const causes = [...recordMoved(saved, now), ...orderMoved(saved, now)];
  if (causes.length > 0) return [...causes, ...pathsMoved(saved, now)];
  const paths = pathsMoved(withAbsent(saved, now), withAbsent(now, saved));
  const steps = stepsMoved(saved.plan.steps, now.plan.steps);
  if (saved.plan.sha256 === now.plan.sha256 && steps.length === 0) return paths;
  const sentences = [...paths, ...steps];
  return sentences.length > 0 ? sentences : ['the plan is another one'];
}

function recordMoved(saved: SavedPlan, now: SavedPlan): readonly string[] {
  if (saved.lineage !== now.lineage && saved.lineage !== null) {
    return [
      'the record of the installs is another one: the plan is of another host, or this one was installed afresh',
    ];
  }
  if (saved.generation === now.generation) return [];
  return [`another install ran since: generation ${saved.generation} is now ${now.generation}`];
}

function orderMoved(saved: SavedPlan, now: SavedPlan): readonly string[] {
  const sentences: string[] = [];
  if (saved.vllmd !== now.vllmd) {
    sentences.push(`the plan is one of vllmd ${visible(saved.vllmd)}, this is ${now.vllmd}`);
  }
  if (saved.config.path !== now.config.path) {
    sentences.push(
      `the plan is one of the config ${visible(saved.config.path)}, not ${now.config.path}`,
    );
  } else if (saved.config.sha256 !== now.config.sha256) {
    sentences.push(`the config ${now.config.path} was changed after the plan was saved`);
  }
  const names = [...new Set([...Object.keys(saved.options), ...Object.keys(now.options)])].sort();
  for (const name of names) {
    const [before, after] = [canonical(saved.options[name]), canonical(now.options[name])];
    if (before !== after) {
      sentences.push(`the option ${visible(name)} is ${after}, the plan was saved with ${before}`);
    }
  }
  return sentences;
}

/** JSON in which the order of keys does not count. */
function canonical(value: unknown): string {
  const isObject = (candidate: unknown): candidate is object =>
    typeof candidate === 'object' && candidate !== null && !Array.isArray(candidate);
  const sorted = (_key: string, candidate: unknown): unknown =>
    isObject(candidate)
      ? Object.fromEntries(Object.entries(candidate).sort(([a], [b]) => (a < b ? -1 : 1)))
      : candidate;
  return visible(JSON.stringify(value, sorted) ?? 'not given');
}

/** The same config looks at the same paths: one that only the other plan knows, such as a new drop-in, is not there. */
function withAbsent(plan: SavedPlan, other: SavedPlan): SavedPlan {
  const absent = Object.fromEntries(Object.keys(other.paths).map((path) => [path, 'absent']));
  return { ...plan, paths: { ...absent, ...plan.paths } };
}

/** A path in only one of them is part of another plan, and is told with what that plan does. */
function pathsMoved(saved: SavedPlan, now: SavedPlan): readonly string[] {
  const current = new Map(Object.entries(now.paths));
  return Object.entries(saved.paths).flatMap(([path, before]) => {
    const after = current.get(path);
    if (after === undefined || after === before) return [];
    return [`${visible(path)} ${pathMoved(before, after)}`];
  });
}

function pathMoved(before: string, after: string): string {
  if (before === 'hidden') return 'could not be read when the plan was saved: save it as root';
  if (after === 'hidden') return 'could be read when the plan was saved, now it needs root';
  if (before === 'absent') return 'was made after the plan was saved';
  return after === 'absent'
    ? 'was removed after the plan was saved'
    : 'was changed after the plan was saved';
}

function stepsMoved(saved: readonly SavedStep[], now: readonly SavedStep[]): readonly string[] {
  const [before, after] = [byKey(saved), byKey(now)];
  const gained = [...after].flatMap(([key, step]) => {
    const old = before.get(key);
    if (old === undefined) return [sentence(step, 'would now be')];
    if (old.sha256 === step.sha256) return [];
    return [`${sentence(step, 'would be')}, but not as in the saved plan`];
  });
  const lost = [...before].filter(([key]) => !after.has(key));
  return [...gained, ...lost.map(([, step]) => sentence(step, 'would no longer be'))];
}

function byKey(steps: readonly SavedStep[]): ReadonlyMap<string, SavedStep> {
  return new Map(steps.map((step) => [`${step.verb} ${step.name}`, step]));
}

function sentence({ verb, name }: SavedStep, would: string): string {
  const subject = name === '' ? 'systemd' : visible(name);
  return `${subject} ${would} ${participles[verb] ?? visible(verb)}`;
}
