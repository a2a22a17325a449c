import { adminPost } from '../../red/admin-routes';
import type { StreamKeysNode } from '../../red/guests';
import type { NodeAPI } from '../../red/types';
import { fail } from '../../lib/errors';
import type { StoredKeys } from '../../lib/keys/store';
import type { Created, Person } from '../../lib/keys/types';

type Body = Record<string, unknown>;

/** The routes behind the dialog: who has a key, and what is done to them there. Only the answers that make a key hold one. */
export function addDialogRoutes(RED: NodeAPI): void {
  const deployed = (id: unknown): StreamKeysNode | null => {
    const node = typeof id === 'string' ? (RED.nodes.getNode(id) as StreamKeysNode | null) : null;
    return node && 'tokens' in node ? node : null;
  };
  /** With the store of a deployed node, which is kept open a little longer. */
  const using = async (node: StreamKeysNode, work: (store: StoredKeys) => Promise<Body>): Promise<Body> => {
    if (node.fault) throw node.fault;
    const lease = node.acquire();
    try {
      const store = lease.value as StoredKeys;
      await store.opened();
      return await work(store);
    } finally {
      lease.release();
    }
  };

  adminPost(
    RED,
    'keys/list',
    () => 'live-production.read',
    async ({ id }) => {
      const node = deployed(id);
      if (!node) return { people: null };
      return await using(node, async (store) => {
        // somebody may have put a file back; what is wrong is told by `fault`
        await store.refresh().catch(() => undefined);
        return { people: store.list().map(row), fault: store.fault?.message ?? null };
      });
    },
  );

  const change = (path: string, work: (store: StoredKeys, body: Body) => Promise<Body>) =>
    adminPost(
      RED,
      `keys/${path}`,
      () => 'live-production.write',
      async (body) => {
        const node = deployed(body.id);
        if (!node)
          throw fail('INPUT_INVALID', { field: 'stream keys', reason: 'they must be deployed first' });
        return await using(node, (store) => work(store, body));
      },
    );
  change('add', async (store, { name }) => shown(await store.create({ name: name as string })));
  change('rotate', async (store, { person }) => shown(await store.rotate(idIn(person))));
  change('remove', async (store, { person }) => ({ removed: await store.remove(idIn(person)) }));
  change('active', async (store, { person, active }) => ({
    person: row(await store.change(idIn(person), { active: active === true })),
  }));
}

function idIn(person: unknown): string {
  if (typeof person === 'string') return person;
  throw fail('INPUT_INVALID', { field: 'person', reason: 'the id is missing' });
}

function row({ id, name, active, createdAt, keyChangedAt, origin }: Person): Body {
  return { id, name, active, createdAt, keyChangedAt, origin };
}

function shown({ person, streamKey }: Created): Body {
  return { person: row(person), streamKey };
}
