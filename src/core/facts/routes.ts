import type { DefaultRoute } from './setup.ts';

/** RTF_UP of the kernel. */
const UP_FLAG = 1;

/** The default route of /proc/net/route with the smallest metric; the first of several. */
export function parseDefaultRoute(text: string): DefaultRoute | undefined {
  const routes = text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [device = '', destination, via = '', flags = '', , , metric, mask] = line.split('\t');
      const isUp = (Number.parseInt(flags, 16) & UP_FLAG) !== 0;
      if (destination !== '00000000' || mask !== '00000000' || !isUp) return [];
      const hasGateway = /^[0-9A-F]{8}$/.test(via) && via !== '00000000';
      const gateway = hasGateway ? bytesOf(via).join('.') : undefined;
      return [{ device, gateway, metric: Number(metric) }];
    });
  const [first] = routes.toSorted((a, b) => a.metric - b.metric);
  return first && { device: first.device, gateway: first.gateway };
}

/** /proc/net/route: interface and destination of each IPv4 route but the default one, in CIDR form. */
export function parseRoutes(
  text: string,
): readonly { readonly device: string; readonly subnet: string }[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [device = '', destination = '', , , , , , mask = ''] = line.split('\t');
      if (!/^[0-9A-F]{8}$/.test(destination) || !/^[0-9A-F]{8}$/.test(mask)) return [];
      if (mask === '00000000') return [];
      const length = bytesOf(mask).reduce((bits, byte) => bits + onesIn(byte), 0);
      return [{ device, subnet: `${bytesOf(destination).join('.')}/${length}` }];
    });
}

/** The kernel prints them as a number of this machine, whose lowest byte is the first of the address. */
function bytesOf(hex: string): readonly number[] {
  return [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}

function onesIn(byte: number): number {
  return byte.toString(2).replaceAll('0', '').length;
}
