import { defineConfig } from 'vitest/config';

/**
 * Tests that boot a systemd in a container: root, Debian. A third of its time a container waits, so on a machine of two
 * processors two at a time keep these busy; with more, each would only wait for the others' timers.
 */
export default defineConfig({
  test: {
    include: ['test/host/**/*.test.ts', 'test/ansible/**/*.test.ts'],
    fileParallelism: false,
    maxConcurrency: 2,
    testTimeout: 180_000,
    hookTimeout: 1_200_000,
  },
});
