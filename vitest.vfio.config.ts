import { defineConfig } from 'vitest/config';

/** Tests that boot whole machines: root, Debian, minutes. Each uses all CPUs, so parallel files would gain nothing. */
export default defineConfig({
  test: {
    include: ['test/vfio/**/*.test.ts'],
    fileParallelism: false,
    // Emulated, on a machine that may be busy: machine.sh has a limit of its own for each boot.
    testTimeout: 4_800_000,
    hookTimeout: 1_200_000,
  },
});
