/** What the program is made of, below dist/ and below lib/vllmd of a host; the first one is what is run. */
export const programFiles = ['vllmd.mjs', 'vllmd-hive.mjs'];
