const UUID = /^(?:GPU|MIG)-[\w/-]+$/;
const NUMBER = /^\d{1,4}$/;

/** The ids of a list such as `0, 1`. */
function gpuIdList(text: string): readonly string[] {
  return text.split(',').map((id) => id.trim());
}

/** As CUDA reads it: without the blanks around commas. `all` and `none` stay. */
export function canonicalGpuIds(text: string): string {
  return gpuIdList(text).join(',');
}

/** What CUDA_VISIBLE_DEVICES has to be; undefined where it is left as it is. */
export function visibleDevices(gpuIds: string | null): string | undefined {
  if (gpuIds === null || gpuIds === 'all') return undefined;
  return gpuIds === 'none' ? '' : gpuIds;
}

/** What is wrong with a list, in words; undefined where nothing is. */
export function gpuIdsProblem(text: string): string | undefined {
  if (text === 'all' || text === 'none') return undefined;
  const ids = gpuIdList(text);
  if (ids.some((id) => !NUMBER.test(id) && !UUID.test(id))) return 'is no list of GPUs';
  if (new Set(ids.map((id) => UUID.test(id))).size > 1) return 'mixes numbers and UUIDs';
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  return twice === undefined ? undefined : `names ${twice} twice`;
}
