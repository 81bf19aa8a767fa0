import { problem } from '../config/problem.ts';
import { showValue } from '../config/show-value.ts';
import { entryOf } from '../config/toml-tree.ts';
import type { Rule } from './rule.ts';

/** `hive.url` names a host, and a port that there is. */
export const hiveUrlSyntax: Rule = {
  id: 'hive-url-syntax',
  check: ({ tree }) => {
    const url = entryOf(entryOf(tree, 'hive'), 'url');
    // What has another form is the schema's `bad-format`.
    if (typeof url !== 'string' || !/^https?:\/\/[^/?#@\s]+/.test(url) || URL.canParse(url))
      return [];
    const text = `must name a host, and a port from 0 to 65535, got ${showValue(url)}`;
    return [problem('hive-url-syntax', '/hive/url', text, 'such as http://192.168.1.10:8800')];
  },
};
