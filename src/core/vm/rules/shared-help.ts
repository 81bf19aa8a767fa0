/** What helps where another process must reach the RAM of the VM. */
export const SHARE_MEMORY = 'set memory.shared, or use hugepages';

/** What helps where a file is missing or closed to the account of the VM. */
export const ACCESS_HELP =
  'see with `namei -l` what is missing on the way, and who owns what is there';
