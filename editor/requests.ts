import { text } from './dialog';

/** What the runtime answers: fine, or a fault told in words. */
export type Answer<T> = ({ ok: true } & T) | { ok: false; code: string; message: string };

/** Ask the runtime. Never rejects: whatever went wrong comes back in words. `path` is relative to the editor's own address. */
export function post<T>(node: EditorNode, path: string, body: object): Promise<Answer<T>> {
  return new Promise((resolve) => {
    void $.ajax({
      url: `live-production/${path}`,
      type: 'POST',
      contentType: 'application/json',
      dataType: 'json',
      data: JSON.stringify(body),
      success: (answer: Answer<T>) => resolve(answer),
      error: (request: { status: number; responseText?: string; responseJSON?: { message?: string } }) => {
        const known = [0, 400, 401, 403, 404].includes(request.status) ? request.status : 'other';
        // Node-RED says 401 of both: with a word of a login that is none any more, and with none of a user who may not
        const key = known === 401 && request.responseText === '' ? 'denied' : known;
        const told = request.status === 400 ? request.responseJSON?.message : undefined;
        const message = told ?? text(node, `common.request.${key}`, { status: request.status });
        resolve({ ok: false, code: `HTTP_${request.status}`, message });
      },
    });
  });
}
