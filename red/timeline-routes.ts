import type { NextFunction, Request, Response } from 'express';
import { fail } from '../lib/errors';
import { rateKey } from '../lib/web/client-address';
import { adminPost } from './admin-routes';
import { timelineLink, timelineOf, type Timeline } from './timeline';
import type { NodeAPI } from './types';

const added = new WeakSet<object>();
const HOUR_MS = 3_600_000;

/**
 * The timeline inside the editor, at `live-production/frames/<store>/`, and what its dialog asks for. A new tab sends no bearer header, so where people
 * log in the editor asks for a ticket with its own token; the page exchanges it once for a cookie of its own. The page itself holds nothing and is
 * given to anybody; every picture and every time needs the cookie or Node-RED's own permission.
 */
export function addTimelineRoutes(RED: NodeAPI): void {
  if (added.has(RED.httpAdmin)) return;
  added.add(RED.httpAdmin);
  const read = () => 'live-production.read' as const;
  const write = () => 'live-production.write' as const;

  adminPost(RED, 'timeline/ticket', read, ({ id }, { headers }) => {
    const timeline = mustBe(id);
    const path = `live-production/frames/${encodeURIComponent(String(id))}/`;
    return Promise.resolve({ path: `${path}#${timeline.editor.ticket(headers.authorization ?? null)}` });
  });

  adminPost(RED, 'timeline/link', write, ({ id, hours, streams }) => {
    mustBe(id);
    if (typeof hours !== 'number') throw fail('INPUT_INVALID', { field: 'hours', reason: 'it is no number' });
    const { address, until } = timelineLink(String(id), streamsIn(streams), hours * HOUR_MS);
    return Promise.resolve({ address, until: new Date(until).toISOString() });
  });

  adminPost(RED, 'timeline/withdraw', write, async ({ id }) => {
    const { secret, site } = mustBe(id);
    const done = secret.renew();
    site.recheck();
    await done;
    return {};
  });

  RED.httpAdmin.use('/live-production/frames', (request: Request, response: Response, next: NextFunction) => {
    const [, name = '', path] = /^\/([^/?]{1,200})(\/[^?]*)?/.exec(request.url) ?? [];
    const timeline = timelineOf(idIn(name));
    if (!timeline) return next();
    // everything the page asks for is beside it; relative, whatever a proxy made of the address
    if (path === undefined) return response.redirect(302, `${name}/`);
    timeline.site.handle(request, response, path, {
      audience: 'editor',
      keeper: timeline.editor,
      publicOrigin: null,
      from: ({ socket }) => rateKey(socket.remoteAddress ?? ''),
      permit: (_request, _response, enter) =>
        void RED.auth.needsPermission('live-production.read')(request, response, enter),
    });
  });
}

function mustBe(id: unknown): Timeline {
  const timeline = typeof id === 'string' ? timelineOf(id) : null;
  if (!timeline) throw fail('FRAME_STORE_MISSING');
  return timeline;
}

function idIn(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return '';
  }
}

function streamsIn(value: unknown): string[] | null {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string' && one.length <= 100))
    return value as string[];
  throw fail('INPUT_INVALID', { field: 'streams', reason: 'they must be a list of names' });
}
