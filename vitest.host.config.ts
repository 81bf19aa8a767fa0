import { defineConfig } from 'vitest/config';

/** Tests that boot a systemd in a container: root, Debian. They take turns, so parallel files would gain nothing. */
export default defineConfig({
  test: {
    include: ['test/host/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 1_200_000,
  },
});
