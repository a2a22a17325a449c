// What the benchmark records: messages of some 1.1 kB as a line, no two alike, as they come from nodes and from the network.
import { hold } from '../../lib/secrets';
import type { EntrySource } from '../../lib/witness/entry';

/** A flow of ours has these in its connections: every text is searched for them. */
const SECRETS = [
  'kT5-obs-password',
  'live_4711_qWzXcVbNmAsDfGh',
  'f3d9-a6kq-71zx-93vb-0hm2',
  'srt pass phrase',
];
/** Many enough that they are not all in the processor's cache at once. */
const DIFFERENT = 2000;

export const SOURCE: EntrySource = { node: 'a1b2c3d4e5f60718', flow: 'f0e1d2c3b4a59687', name: 'everything' };

/** Keep secrets as connections do, for the rest of this process. */
export function holdSecrets(): void {
  for (const secret of SECRETS) hold(secret);
}

/** `DIFFERENT` messages, each a thing of its own as if it had just come from the network. */
export function sampleMessages(count = DIFFERENT): object[] {
  return Array.from({ length: count }, (_, at) => JSON.parse(JSON.stringify(message(at))) as object);
}

function message(at: number): object {
  const seconds = (at % 60).toString().padStart(2, '0');
  const started = `2026-11-20T19:45:${seconds}.${(at % 1000).toString().padStart(3, '0')}Z`;
  return {
    _msgid: (0x9f8e7d6c5b4a + at).toString(16),
    topic: 'evening/stage',
    payload: {
      event: 'stream_status',
      server: 'rtmp://a.rtmp.youtube.com/live2',
      scene: at % 3 ? 'Main camera' : 'Choir, wide',
      startedAt: started,
      statistics: {
        fps: 59.94,
        cpu: 20 + (at % 700) / 97,
        memoryMB: 812.33 + (at % 13),
        droppedFrames: at % 7,
        totalFrames: 182_733 + at * 60,
        bytes: 1_827_318_273 + at * 750_000,
        congestion: (at % 11) / 1000,
      },
      inputs: [
        { name: 'Camera 1', muted: false, level: -23.4 + (at % 9) },
        { name: 'Camera 2', muted: true, level: -60 },
        { name: 'Mikrofon Bühne', muted: false, level: -12.25 - (at % 5) },
      ],
      recording: { file: `/recordings/2026-11-20 19-45-${seconds}.mkv`, duration: `00:12:${seconds}.120` },
      note: `Reading ${at}: doors opened five minutes late; the choir is on stage and the second camera is back.`,
    },
    live: {
      event: 'stream.status',
      actor: 'operator',
      connection: 'OBS main',
      confirmedAfterMs: 400 + (at % 50),
      attempt: 1,
      at: started,
      source: { node: 'stream status', flow: 'evening' },
    },
  };
}
