import type { StreamKeysNode } from '../../red/guests';
import { isoTime } from '../../lib/connection/clock';
import { fail } from '../../lib/errors';
import type { FreshSecrets } from '../../lib/keys/secret';
import type { KeyStore } from '../../lib/keys/types';
import { endPublishing, publishersOf, sessionOf, statusOf, wallMs, type ChosenServer } from './sessions';
import type { Wish } from './wishes';

/** What a session node works with. */
export interface Leased {
  owner: StreamKeysNode;
  store: KeyStore;
  server: ChosenServer | null;
}

/** Do what is asked. `tokens` keeps new ones hidden wherever they go beside the one reply. */
export async function carryOut(
  wish: Wish,
  { owner, store, server }: Leased,
  tokens: FreshSecrets,
): Promise<{ payload: unknown; state: string | null }> {
  const address = server?.node.publishAddress || null;
  const session = async (id: string) => {
    const person = store.get(id);
    if (!person) throw fail('KEYS_UNKNOWN', { id: id.slice(0, 100) });
    return sessionOf(person, address, await publishersOf(server));
  };
  switch (wish.action) {
    case 'create': {
      const { person, streamKey } = await store.create(wish);
      // nobody has heard of the key yet, so nobody publishes by it
      const made = sessionOf(person, address, { publishers: [], atMs: 0 });
      return { payload: { ...made, stream_key: streamKey }, state: made.status };
    }
    case 'rotate': {
      const { person, streamKey } = await store.rotate(wish.id);
      const made = sessionOf(person, address, await publishersOf(server));
      return { payload: { ...made, stream_key: streamKey }, state: made.status };
    }
    case 'list': {
      const heard = await publishersOf(server);
      return { payload: store.list().map((person) => sessionOf(person, address, heard)), state: null };
    }
    case 'status':
      return { payload: statusOf(store.list(), address, await publishersOf(server)), state: null };
    case 'get': {
      const payload = await session(wish.id);
      return { payload, state: payload.status };
    }
    case 'start': {
      await store.change(wish.id, { active: true });
      const payload = await session(wish.id);
      return { payload, state: payload.status };
    }
    case 'stop': {
      // first the key, or he would be back at once
      await store.change(wish.id, { active: false });
      const { kicked, unknown } = explained(await endPublishing(server, wish.id, 'stopped'));
      const after = await session(wish.id);
      return {
        payload: { ...after, kicked, unknown: { ...after.unknown, ...unknown } },
        state: after.status,
      };
    }
    case 'delete': {
      const person = store.get(wish.id);
      if (!person || !(await store.remove(wish.id)))
        throw fail('KEYS_UNKNOWN', { id: wish.id.slice(0, 100) });
      const { kicked, unknown } = explained(await endPublishing(server, wish.id, 'deleted'));
      const payload = { session_id: wish.id, name: person.name, deleted: true, kicked, unknown };
      return { payload, state: 'deleted' };
    }
    case 'token': {
      if (!owner.tokens) throw fail('KEYS_NO_TOKENS');
      const { streamKey, token, expiresAtMs } = owner.tokens.make(wish.stream, wish.validMs, wallMs());
      tokens.hold(token, token);
      const rtmp_url = address && `${address.replace(/\/+$/, '')}/${wish.stream}`;
      const expires_at = isoTime(expiresAtMs);
      const payload = { session_id: wish.stream, rtmp_url, expires_at, stream_key: streamKey };
      return { payload, state: null };
    }
  }
}

function explained(ended: Awaited<ReturnType<typeof endPublishing>>): {
  kicked: number | null;
  unknown: Record<string, string>;
} {
  return { kicked: ended.kicked, unknown: 'reason' in ended ? { kicked: ended.reason } : {} };
}
