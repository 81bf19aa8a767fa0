import { problem } from '../config/problem.ts';
import { quoted } from '../config/show-value.ts';
import { pointer, withNote } from '../diagnostic.ts';
import type { Rule } from './rule.ts';

/** Of one label: RFC 1035. */
const MAX_LENGTH = 63;

/** `hostname_prefix` and an index together have at most 63 characters. */
export const hostnameLength: Rule = {
  id: 'hostname-length',
  check: ({ guest: { hostnamePrefix = '' }, runtimes }) => {
    // What has another form is the schema's `bad-format`.
    if (!/^[a-z][a-z0-9-]{0,61}$/.test(hostnamePrefix)) return [];
    const tooLong = runtimes.find(
      ({ index }) => hostnamePrefix.length + String(index ?? '').length > MAX_LENGTH,
    );
    if (tooLong === undefined) return [];
    const { index, label, pointer: at } = tooLong;
    const length = hostnamePrefix.length + String(index).length;
    const long = problem(
      'hostname-length',
      '/guest/hostname_prefix',
      `makes a host name of ${length} characters for index ${index} of ${label}, got ${quoted(hostnamePrefix)}`,
      `a host name has at most ${MAX_LENGTH}: shorten it by ${length - MAX_LENGTH}`,
    );
    return [withNote(long, at + pointer('index'), 'this index ends the host name')];
  },
};
