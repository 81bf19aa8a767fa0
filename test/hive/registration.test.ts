import { expect, test } from 'vitest';
import { VllmdError } from '../../src/core/failure.ts';
import type { Round } from '../../src/core/hive/agent/round.ts';
import { registrationOf } from '../../src/host/hive/agent/registration.ts';
import type { Reporter } from '../../src/host/hive/agent/report.ts';
import { RefusedError } from '../../src/host/hive/client/refused.ts';
import {
  assetDocument,
  healthSample,
  hostDocument,
  serviceDocument,
} from '../support/hive-samples.ts';

const host = hostDocument({ host_id: 'h1' });
const ids = ['h1/chat/a', 'h1/chat/b'];
const round: Round = {
  services: ids.map((service_id) => serviceDocument({ service_id })),
  samples: ids.map((target_id) => healthSample({ target_id })),
  said: [],
  memory: new Map(),
};
const assets = [assetDocument({})];

/** A registration whose registry does as a test says; `calls` is what it was told. */
function scripted(answers: Partial<Reporter> = {}) {
  const calls: string[] = [];
  const said: string[] = [];
  let nowMs = 0;
  const reporter: Reporter = {
    register: async (_, services) => {
      calls.push(`register ${services.length}`);
      return (await answers.register?.(host, services)) ?? new Map();
    },
    offer: async (offered) => {
      calls.push('offer');
      await answers.offer?.(offered);
    },
    beat: async (_, services) => {
      calls.push(`beat ${services.length}`);
      return (await answers.beat?.(host, services)) ?? true;
    },
    sample: async (samples) => {
      calls.push(`sample ${samples.length}`);
    },
  };
  const outside = { now: () => nowMs, tell: (line: string) => void said.push(line) };
  const registration = registrationOf(reporter, 'http://r', outside);
  return {
    registration,
    calls,
    said,
    later: (ms: number) => {
      nowMs += ms;
    },
    report: () => registration.report(host, assets, round),
  };
}

test('a host is registered once, its assets are offered once, and heartbeats follow', async () => {
  const { report, calls, said } = scripted();
  await report();
  await report();
  expect(calls).toEqual(['register 2', 'sample 2', 'offer', 'beat 2', 'sample 2']);
  expect(said).toEqual(['agent of h1: 2 services, registered at http://r']);
});

test('refused assets are told once, and keep nothing else from the registry', async () => {
  const refused = async () => {
    throw new RefusedError(422, 'config', 'the registry refuses it\n  why');
  };
  const { report, calls, said, registration } = scripted({ offer: refused });
  await report();
  await report();
  expect(registration.hasRegistered()).toBe(true);
  expect(calls.filter((call) => call === 'offer')).toHaveLength(1);
  expect(calls.at(-2)).toBe('beat 2');
  expect(said[1]).toBe('assets are not told of: the registry refuses it   why');
});

test('assets are offered again where the registry was away, and heartbeats go on', async () => {
  let isAway = true;
  const offer = async () => {
    if (isAway) throw new VllmdError('runtime', 'away');
  };
  const { report, calls } = scripted({ offer });
  await expect(report()).rejects.toThrow('away');
  isAway = false;
  await report();
  await report();
  expect(calls.slice(3)).toEqual(['beat 2', 'sample 2', 'offer', 'beat 2', 'sample 2']);
});

test('what was left out is asked about again after five minutes, and told of only where that has changed', async () => {
  let left = new Map([['h1/chat/b', 'no']]);
  const { report, calls, said, later } = scripted({ register: async () => left });
  await report();
  await report();
  expect(calls.slice(-2)).toEqual(['beat 1', 'sample 1']);
  later(300_000);
  await report();
  expect(calls.slice(-3)).toEqual(['register 2', 'sample 1', 'offer']);
  expect(said).toEqual([
    'agent of h1: 1 service, registered at http://r',
    'h1/chat/b: left out, the registry refuses it: no',
  ]);
  left = new Map();
  later(300_000);
  await report();
  later(900_000);
  await report();
  expect(calls.slice(-2)).toEqual(['beat 2', 'sample 2']);
  expect(said.slice(2)).toEqual(['h1/chat/b: registered now']);
});

test('a registry that does not know the host any more has it again at once, and where it is, is looked at', async () => {
  let isKnown = true;
  const { report, calls, registration } = scripted({ beat: async () => isKnown });
  await report();
  await report();
  expect(registration.isInDoubt()).toBe(false);
  isKnown = false;
  await report();
  expect(calls.slice(-4)).toEqual(['beat 2', 'register 2', 'sample 2', 'offer']);
  expect(registration.isInDoubt()).toBe(true);
});

test('a host that has changed is registered anew', async () => {
  const { report, calls, registration } = scripted();
  await report();
  registration.renew();
  await report();
  expect(calls.filter((call) => call === 'register 2')).toHaveLength(2);
});
