import type { QueueCommand, QueueView } from '../../lib/queue/types';
import { TEXTS } from './texts';

export type Told<T> = ({ ok: true } & T) | { ok: false; status: number; message: string };
export type Viewed = { open: false } | { open: true; view: QueueView };

/** Longer than the runtime ever takes. */
const DEADLINE_MS = 10_000;

function ask<T>(path: string, body: object): Promise<Told<T>> {
  return new Promise((resolve) => {
    void $.ajax({
      url: `live-production/guest-queues/${path}`,
      type: 'POST',
      contentType: 'application/json',
      dataType: 'json',
      timeout: DEADLINE_MS,
      data: JSON.stringify(body),
      success: (answer: ({ ok: true } & T) | { ok: false; message: string }) =>
        resolve(answer.ok ? answer : { ok: false, status: 200, message: answer.message }),
      error: ({ status }: { status: number }) => resolve({ ok: false, status, message: TEXTS.away }),
    });
  });
}

/** The queues that are deployed. Never rejects. */
export function listQueues(): Promise<Told<{ queues: { id: string; name: string }[] }>> {
  return ask('list', {});
}

/** One queue, as it is now. Never rejects. */
export function viewQueue(id: string): Promise<Told<Viewed>> {
  return ask('view', { id });
}

/** Have something done. Never rejects. */
export function commandQueue(id: string, command: QueueCommand): Promise<Told<{ view: QueueView }>> {
  return ask('command', { id, command });
}
