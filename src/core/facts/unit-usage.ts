export const usageProperties = [
  'Id',
  'ActiveState',
  'ActiveEnterTimestamp',
  'ActiveExitTimestamp',
  'InactiveEnterTimestamp',
  'InactiveExitTimestamp',
  'MemoryCurrent',
] as const;

type Property = (typeof usageProperties)[number];

/** What a unit takes at the moment, and for how long it has been in its state. */
export type UnitUsage = {
  /** Milliseconds since 1970; undefined while it has never been in another state. */
  readonly sinceMs: number | undefined;
  /** What the kernel counts for its control group; undefined while there is none. */
  readonly memoryBytes: number | undefined;
};

/** Which moment is the begin of a state, as `systemctl status` has it. */
const beginOf: Readonly<Record<string, Property>> = {
  active: 'ActiveEnterTimestamp',
  reloading: 'ActiveEnterTimestamp',
  refreshing: 'ActiveEnterTimestamp',
  inactive: 'InactiveEnterTimestamp',
  failed: 'InactiveEnterTimestamp',
  activating: 'InactiveExitTimestamp',
  deactivating: 'ActiveExitTimestamp',
};

/** Output of `systemctl show --timestamp=unix --property=… -- UNIT…`, by unit. */
export function parseUnitUsage(text: string): ReadonlyMap<string, UnitUsage> {
  return new Map(
    text.split('\n\n').flatMap((block) => {
      const value = (name: Property) => new RegExp(`^${name}=(.*)$`, 'm').exec(block)?.[1] ?? '';
      const id = value('Id');
      if (id === '') return [];
      const begin = beginOf[value('ActiveState')];
      const sinceMs = begin === undefined ? undefined : moment(value(begin));
      const memory = value('MemoryCurrent');
      return [
        [id, { sinceMs, memoryBytes: /^\d{1,15}$/.test(memory) ? Number(memory) : undefined }],
      ];
    }),
  );
}

/** `@1764165600`; empty for what has never been. */
function moment(text: string): number | undefined {
  const [, seconds = '0'] = /^@(\d{1,11})$/.exec(text) ?? [];
  return seconds === '0' ? undefined : Number(seconds) * 1000;
}
