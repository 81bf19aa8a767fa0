import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Take minutes each: whichever of them begins last ends alone, with the other processors idle. */
const longest = [
  ...['transaction/own-steps', 'fault-injection', 'fleet/select', 'hive/llama', 'docs-commands'],
  ...['transaction/operator-bytes', 'fleet/runtime-process', 'fleet/select-failures'],
  ...[
    'fuzz/fleet',
    'fleet/select-cut-off',
    'fuzz/llama',
    'package',
    'fuzz/mutated',
    'fuzz/configs',
  ],
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) =>
      longest.some((name) => moduleId.endsWith(`/test/${name}.test.ts`));
    const rest = await super.sort(files);
    return [...rest.filter(isLong), ...rest.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // These boot a system and need root: vitest.host.config.ts and vitest.vfio.config.ts run them.
    exclude: [...configDefaults.exclude, 'test/ansible/**', 'test/host/**', 'test/vfio/**'],
    restoreMocks: true,
    unstubEnvs: true,
    // Whole seconds on a quiet machine; these end what hangs, and nothing that is slow on a busy one.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    // Its own default leaves a processor to the screen, which is half of a small machine. One more than there are, because
    // a quarter of the time of a file goes by in waiting: for ssh, for time limits, for a program's end.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/**/*.gen.ts', 'src/main.ts', 'src/warm-up.ts', 'src/start/**'],
      reporter: [['text', { skipFull: true }], 'json-summary'],
      thresholds: { 'src/core/**': { lines: 95, branches: 95 } },
    },
  },
});
