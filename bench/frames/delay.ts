// From a key frame that its publisher hands to the system to the message of its picture, in a real Node-RED.
import { join } from 'node:path';
import type { Lease } from '../../lib/connection/lease';
import type { KeyStore } from '../../lib/keys/types';
import { freePort, listens } from '../../test/support/ports';
import { waitFor } from '../../test/support/wait';
import { startChild } from '../support/children';
import { figure, type Figure } from '../support/figures';
import { nodeRed } from '../support/node-red';
import { percentile } from '../support/rounds';
import { clip } from './clips';

const PICTURES = 30;
const clock = (): number => Number(process.hrtime.bigint()) / 1e6;

export async function delayFigures(): Promise<Figure[]> {
  const { file } = clip('1080p30');
  const port = await freePort();
  const red = nodeRed(flow(port), {});
  await red.start();
  await waitFor(() => listens(port), { message: 'the ingest to listen' });
  const keys = red.node<{ acquire(): Lease<KeyStore> }>('keys').acquire();
  const { streamKey } = await keys.value.create({ id: 'show', name: 'Show' });
  const sent = new Map<number, number>();
  const heard: { mediaMs: number; atMs: number }[] = [];
  red.node<{ hear: (payload: { mediaMs: number }) => void }>('sink').hear = ({ mediaMs }) =>
    void heard.push({ mediaMs, atMs: clock() });
  const child = startChild(join(__dirname, 'sender-child.ts'), [String(port), streamKey, file]);
  child.on('message', ({ mediaMs, sentMs }: { mediaMs: number; sentMs: number }) =>
    sent.set(mediaMs, sentMs),
  );
  await waitFor(() => heard.length >= PICTURES, { timeoutMs: 180_000, message: 'the pictures' });
  child.kill('SIGKILL');
  keys.release();
  await red.stop();
  // with the first the decoder is started
  const delays = heard.slice(1).map(({ mediaMs, atMs }) => atMs - sent.get(mediaMs)!);
  if (!delays.every((ms) => ms >= 0))
    throw new Error(`pictures of other times than were sent: ${delays.join()}`);
  return [
    figure({
      name: 'from a key frame of 1080p30 that is sent to the message of its picture, half of them',
      unit: 'ms',
      ours: percentile(delays, 0.5),
      goal: 'at most 100 ms',
      isMet: ({ ours }) => ours <= 100,
    }),
    figure({ name: 'the same, 95 of 100', unit: 'ms', ours: percentile(delays, 0.95) }),
  ];
}

function flow(port: number) {
  // without a place Node-RED takes a node for a config node
  const on = { z: 'tab', x: 100, y: 100 };
  return [
    { id: 'tab', type: 'tab', label: 'bench' },
    { id: 'keys', type: 'live-stream-keys', configVersion: 1, folder: '', mostPeople: '' },
    {
      id: 'ingest',
      type: 'live-rtmp-ingest',
      configVersion: 1,
      host: '127.0.0.1',
      port: String(port),
      app: 'live',
      keys: 'keys',
      mostPublishers: '10',
      duplicates: 'reject',
      graceSeconds: '0',
      maxWidth: '7680',
      maxHeight: '4320',
      maxKbps: '',
      tls: '',
      playFrom: '',
      ffmpeg: '',
      publishAddress: '',
    },
    {
      id: 'capture',
      type: 'live-capture-frames',
      ...on,
      configVersion: 1,
      source: 'ingest',
      ingest: 'ingest',
      server: '',
      stream: '',
      everySeconds: '1',
      sampling: 'keyframes',
      cells: '2',
      delta: '12',
      masks: '',
      keepAliveSeconds: '',
      width: '1280',
      quality: '90',
      store: '',
      picture: 'buffer',
      waits: false,
      ffmpeg: '',
      wires: [[], ['sink']],
    },
    { id: 'sink', type: 'bench-sink', ...on, wires: [] },
  ];
}
