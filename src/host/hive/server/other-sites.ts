import type { FastifyInstance } from 'fastify';
import { detail } from './http-problem.ts';

/**
 * A page of any site can have a browser send requests here, and where no keys are needed they would be carried out.
 * Browsers say so in a header that no page can change. To follow a link is no such request.
 */
export function refuseOtherSites(app: FastifyInstance): void {
  app.addHook('onRequest', ({ headers, method }, _reply, done) => {
    const site = headers['sec-fetch-site'];
    const isForeign = site === 'cross-site' || site === 'same-site';
    const isLink = method === 'GET' && headers['sec-fetch-mode'] === 'navigate';
    if (isForeign && !isLink) throw detail(403, 'requests that other sites make are refused');
    done();
  });
}
