/** What schema version 2 adds to each table of version 1, '' for the top of the file. */
export const version2Keys: Readonly<
  Record<'' | 'global' | 'runtimes' | 'network', readonly string[]>
> = {
  '': ['boot', 'storage', 'guest', 'memory', 'vfio', 'host', 'hive'],
  global: [],
  runtimes: [
    'autostart',
    'restart',
    'disk_gb',
    'base_image',
    'firmware',
    'kernel',
    'gpu_p2p',
    'mac',
    'prevent_removal',
    'llama',
  ],
  network: ['mode', 'subnet'],
};
