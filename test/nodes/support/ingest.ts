// An rtmp-ingest with its keys, and people who publish to it with ffmpeg.
import type { Lease } from '../../../lib/connection/lease';
import type { IngestApplication } from '../../../lib/ingest/application';
import type { KeyStore } from '../../../lib/keys/types';
import { publisher, waitFor, type GuestPublisher } from '../../support';
import { helper, type FlowNode } from './rig';

/** What a node under test has to name, to work on the ingest of `ingestNode`. */
export const ON_INGEST = { application: 'ingest', obs: '', vmix: '', ingest: 'ingest' };

export function ingestNode(port: number, more: Partial<FlowNode> = {}): FlowNode {
  return {
    id: 'ingest',
    type: 'live-rtmp-ingest',
    name: 'The ingest',
    configVersion: 1,
    simulate: false,
    host: '127.0.0.1',
    port: String(port),
    app: 'live',
    keys: 'keys',
    mostPublishers: '10',
    duplicates: 'reject',
    graceSeconds: '2',
    maxWidth: '7680',
    maxHeight: '4320',
    maxKbps: '',
    tls: '',
    playFrom: 'localhost',
    ownProcess: false,
    ffmpeg: '',
    publishAddress: '',
    ...more,
  };
}

export function keysNode(folder: string): FlowNode {
  return { id: 'keys', type: 'live-stream-keys', configVersion: 1, folder: `${folder}/keys`, mostPeople: '' };
}

/** A media server that is the ingest. */
export function serverNode(more: Partial<FlowNode> = {}): FlowNode {
  const none = { api: '', control: '', publishAddress: '', playAddress: '', apps: '', otherApps: 'deny' };
  const noHooks = { hookHost: '', hookPort: '', hookName: '', allowFrom: '', reachedAt: '' };
  return {
    id: 'server',
    type: 'live-media-server',
    name: 'Here',
    configVersion: 1,
    kind: 'ingest',
    ingest: 'ingest',
    ...none,
    ...noHooks,
    ...more,
  };
}

/** The application behind the deployed ingest. */
export function openIngest(): IngestApplication {
  const found = (helper.getNode('ingest') as unknown as { peek(): IngestApplication | null }).peek();
  if (!found) throw new Error('the ingest is not open');
  return found;
}

const leased: Lease<KeyStore>[] = [];
const publishing: GuestPublisher[] = [];

/** The store behind the deployed stream keys. */
export function keyStore(): KeyStore {
  const lease = (helper.getNode('keys') as unknown as { acquire(): Lease<KeyStore> }).acquire();
  leased.push(lease);
  return lease.value;
}

/** Somebody with a key, and the argument that he appends: `key=…`. */
export async function withKey(id: string): Promise<string> {
  const { streamKey } = await keyStore().create({ id, name: `Name of ${id}` });
  return streamKey.split('?')[1]!;
}

/** Publish with ffmpeg. */
export async function publish(
  port: number,
  stream: string,
  key?: string,
  scheme = 'rtmp',
): Promise<GuestPublisher> {
  const guest = await publisher({ server: `${scheme}://127.0.0.1:${port}/live`, stream, key: key ?? null });
  publishing.push(guest);
  return guest;
}

/** Until this stream is live. */
export async function isLive(stream: string): Promise<void> {
  await waitFor(() => openIngest().streamState(stream) === 'live', {
    timeoutMs: 20_000,
    message: () => `${stream} to be live; ${JSON.stringify(openIngest().facts())}`,
  });
}

/** Everything that a test began. */
export async function endPublishing(): Promise<void> {
  await Promise.all(publishing.splice(0).map((guest) => guest.close()));
  for (const lease of leased.splice(0)) lease.release();
}
