import type { KeptFrame } from './types';

/** What a stream showed without a change: from when to when, and its first picture. */
export interface Segment {
  stream: string;
  /** UTC in milliseconds; `to` is when it was last seen */
  from: number;
  to: number;
  frames: number;
  samples: number;
  first: KeptFrame;
}

/** Pictures put together to what they show: those kept only to keep alive belong to the one before. In the order of their beginnings. Pure. */
export function segmentsOf(frames: readonly KeptFrame[]): Segment[] {
  const open = new Map<string, Segment>();
  const all: Segment[] = [];
  for (const frame of [...frames].sort((a, b) => a.at - b.at || a.seq - b.seq)) {
    const { stream, at, until, samples } = frame;
    const known = open.get(stream);
    if (known && frame.why === 'keep-alive' && known.first.connectionId === frame.connectionId) {
      known.to = Math.max(known.to, until);
      known.frames++;
      known.samples += samples;
      continue;
    }
    const segment = { stream, from: at, to: until, frames: 1, samples, first: frame };
    open.set(stream, segment);
    all.push(segment);
  }
  return all;
}
