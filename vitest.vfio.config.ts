import { defineConfig } from 'vitest/config';

/** Tests that boot whole machines: root, Debian, minutes. Each uses all CPUs, so parallel files would gain nothing. */
export default defineConfig({
  test: {
    include: ['test/vfio/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
