import type { Request, Response, NextFunction } from 'express';
import { asLiveError, fail } from '../lib/errors';
import { redactError } from '../lib/secrets';
import type { NodeAPI } from './types';

export type Permission = 'live-production.read' | 'live-production.write';
type Body = Record<string, unknown>;

/**
 * An admin route of the dialogs, under `live-production/`. It takes JSON only: a form on another site can post anything
 * else without the browser asking first. A told fault is status 200 with `ok: false`, a malformed body 400.
 * `permission` may depend on the body.
 */
export function adminPost(
  RED: NodeAPI,
  path: string,
  permission: (body: Body) => Permission,
  handle: (body: Body, request: Request) => Promise<Body>,
): void {
  const permitted = (request: Request, response: Response, next: NextFunction) => {
    if (!request.is('application/json') || typeof request.body !== 'object' || request.body === null) {
      response.status(400).json({
        ok: false,
        code: 'INPUT_INVALID',
        message: fail('INPUT_INVALID', { field: 'request', reason: 'it must be JSON' }).message,
      });
      return;
    }
    RED.auth.needsPermission(permission(request.body as Body))(request, response, next);
  };
  // nothing is looked at, not even the settings' shape, before somebody is let in at all
  RED.httpAdmin.post(
    `/live-production/${path}`,
    RED.auth.needsPermission('live-production.read'),
    permitted,
    (request: Request, response: Response) => {
      // what it throws at once is told as what it rejects with
      Promise.resolve()
        .then(() => handle(request.body as Body, request))
        .then((answer) => response.json({ ok: true, ...answer }))
        .catch((thrown: unknown) => {
          const { code, message } = redactError(asLiveError(thrown));
          response.status(code === 'INPUT_INVALID' ? 400 : 200).json({ ok: false, code, message });
        });
    },
  );
}
