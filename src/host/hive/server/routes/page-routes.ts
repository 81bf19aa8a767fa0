import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { loginHtml } from '../../../../core/hive/page/login-html.ts';
import { pageHtml } from '../../../../core/hive/page/page-html.ts';
import { loginPolicy, pagePolicy } from '../../../../core/hive/page/page-policy.ts';
import type { Hive } from '../hive.ts';
import { detail } from '../http-problem.ts';
import { clientKeyOf, findKey } from '../keys.ts';
import { pageBroadcast } from '../page-broadcast.ts';
import { pageState } from '../page-state.ts';
import { newSessions, noSessionCookie, sessionCookie, sessionOf } from '../sessions.ts';

/** The page for people, who show their key once. */
export function pageRoutes(app: FastifyInstance, hive: Hive): void {
  const { clients } = hive.options.keys;
  const sessions = newSessions(hive.now);
  const isOpen = clients.length === 0;
  const mayLook = ({ headers }: FastifyRequest) =>
    isOpen ||
    sessions.isOpen(sessionOf(headers.cookie)) ||
    findKey(clientKeyOf(headers), clients) !== undefined;

  app.get('/', (request, reply) =>
    mayLook(request)
      ? sendPage(reply, pageHtml(pageState(hive), { hasLogout: !isOpen }), pagePolicy())
      : sendPage(reply.code(401), loginHtml({ wasRefused: false }), loginPolicy()),
  );

  const broadcast = pageBroadcast(hive);
  app.addHook('preClose', (done) => {
    broadcast.end();
    done();
  });
  // A HEAD of it would be a page that nobody sees.
  app.get('/events', { exposeHeadRoute: false }, (request, reply) => {
    if (!mayLook(request)) throw detail(401, 'unauthorized');
    if (!broadcast.hasRoom()) throw detail(503, 'too many pages are open', { 'retry-after': '30' });
    reply.hijack();
    broadcast.add(reply.raw, () => mayLook(request));
  });

  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, parsed) =>
      parsed(null, new URLSearchParams(String(body)).get('key') ?? ''),
    );
    scope.post('/login', (request, reply) => {
      const key = findKey(String(request.body ?? ''), clients);
      if (key === undefined && !isOpen) {
        return sendPage(reply.code(401), loginHtml({ wasRefused: true }), loginPolicy());
      }
      return reply.header('set-cookie', sessionCookie(sessions.open())).redirect('/', 303);
    });
    scope.post('/logout', ({ headers }, reply) => {
      sessions.close(sessionOf(headers.cookie));
      return reply.header('set-cookie', noSessionCookie).redirect('/', 303);
    });
    done();
  });
}

function sendPage(reply: FastifyReply, html: string, policy: string): FastifyReply {
  return reply
    .headers({
      'content-security-policy': policy,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    .type('text/html; charset=utf-8')
    .send(html);
}
