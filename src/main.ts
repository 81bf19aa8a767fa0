#!/usr/bin/env node
import process from 'node:process';
import { run } from './cli/run.ts';
import { realWorld } from './host/real-world.ts';

// A reader that has seen enough (`| head`) or a terminal that is gone stops the output and nothing else: an install
// goes on to its end.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (!('code' in error && (error.code === 'EPIPE' || error.code === 'EIO'))) throw error;
  });
}

process.exitCode = await run(process.argv.slice(2), realWorld(process));
