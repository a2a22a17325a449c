// Whatever comes in whatever pieces: equal results, no throw, and little memory and time.
import assert from 'node:assert/strict';
import { RtmpSession } from '../../lib/rtmp/session';
import { LiveFeed } from '../../lib/rtmp/feed';
import { LIMITS } from '../../lib/rtmp/limits';
import { StreamMeter } from '../../lib/rtmp/media/meter';
import { MESSAGE } from '../../lib/rtmp/messages';
import { writeAmf } from '../../lib/rtmp/amf0';
import { loops } from '../support';
import * as rtmp from '../support/rtmp';

/** What the session did, in order. */
interface Heard {
  sent: number;
  asks: string[];
  tags: string[];
  over: boolean;
  fault: string | null;
  errors: unknown[];
}

/** A server that lets everybody in, and looks at everything, as the ingest does. */
function play(bytes: Buffer, pieces: (left: number) => number, keep = true): Heard {
  const heard: Heard = { sent: 0, asks: [], tags: [], over: false, fault: null, errors: [] };
  const identity = { stream: 'ana', app: 'live', connectionId: 'x', address: null };
  let atMs = 0;
  const feed = new LiveFeed(identity, { meter: new StreamMeter(), now: () => (atMs += 5), limits: LIMITS });
  let answer: (() => void) | null = null;
  const session = new RtmpSession(
    {
      send: (parts) => void (heard.sent += parts.reduce((sum, part) => sum + part.length, 0)),
      publish: ({ app, stream, params }) => {
        heard.asks.push(`publish ${app} ${stream} ${params.size}`);
        answer = () => session.startPublishing();
      },
      play: ({ app, stream, params }) => {
        heard.asks.push(`play ${app} ${stream} ${params.size}`);
        answer = () => session.startPlaying();
      },
      tag: (kind, timestamp, payload) => {
        const { tag, taken } = feed.take(kind, timestamp, payload);
        if (taken.fault === null) feed.pass(tag, taken);
        const sum = payload.reduce((total, byte) => (total * 31 + byte) >>> 0, 0);
        if (keep) heard.tags.push(`${kind} ${timestamp} ${payload.length} ${sum}`);
      },
      other: () => undefined,
      over: () => (heard.over = true),
      fault: (reason, error) => {
        heard.fault = reason;
        if (error !== undefined) heard.errors.push(error);
      },
    },
    (count) => Buffer.alloc(count),
  );
  for (let at = 0; at < bytes.length;) {
    const size = Math.max(1, pieces(bytes.length - at));
    session.push(bytes.subarray(at, at + size));
    at += size;
    // a verdict comes a moment later
    const ready: (() => void) | null = answer;
    answer = null;
    (ready as (() => void) | null)?.();
  }
  feed.figures();
  return heard;
}

/** What OBS sends: commands, metadata, headers, pictures and sound on chunk streams of their own, a change of the chunk size in between. */
function show(chunkSize: number, startMs: number): Buffer {
  const writer = new rtmp.TestWriter();
  const meta = { width: 320, height: 180, framerate: 30, videocodecid: 7, encoder: 'a test' };
  const data = { type: MESSAGE.data, chunkStream: 4, timestamp: startMs };
  const video = (timestamp: number, payload: Buffer) =>
    writer.chunks({ chunkStream: 6, type: MESSAGE.video, timestamp, payload });
  const audio = (timestamp: number, payload: Buffer) =>
    writer.chunks({ chunkStream: 4, type: MESSAGE.audio, timestamp, payload });
  const parts: Buffer[] = [rtmp.HELLO, rtmp.HELLO_AGAIN];
  parts.push(...rtmp.publishCommands(writer, 'ana?key=secret'));
  parts.push(writer.message({ ...data, payload: writeAmf('@setDataFrame', 'onMetaData', meta) }));
  parts.push(...video(startMs, rtmp.videoHeader()), ...audio(startMs, rtmp.AUDIO_HEADER));
  parts.push(writer.setChunkSize(chunkSize));
  for (let i = 0; i < 12; i++) {
    const pictures = video(startMs + i * 33, rtmp.picture(i % 6 === 0, i % 6 === 0 ? 3_000 : 150 + i, i));
    const sounds = audio(startMs + i * 33, rtmp.sound(90 + (i % 2)));
    // one between the other
    parts.push(...pictures.flatMap((part, at) => [part, ...(sounds[at] ? [sounds[at]] : [])]));
    parts.push(...sounds.slice(pictures.length));
  }
  parts.push(writer.command(0, 'FCUnpublish', 6, null, 'ana'));
  return Buffer.concat(parts);
}

/** Numbers that look like chance and are the same in every run. */
function dice(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function mutated(bytes: Buffer, roll: (below: number) => number): Buffer {
  let out: Buffer = Buffer.from(bytes);
  // mostly behind the handshake, where there is something to break
  const somewhere = () =>
    roll(20) === 0 ? roll(out.length) : Math.min(out.length - 1, 3073 + roll(1 + roll(out.length)));
  for (let changes = 1 + roll(6); changes > 0; changes--) {
    const at = somewhere();
    const kind = roll(6);
    if (kind === 0) out[at] = roll(256);
    else if (kind === 1) out[at]! ^= 1 << roll(8);
    else if (kind === 2)
      out = Buffer.concat([out.subarray(0, at), out.subarray(Math.min(out.length, at + 1 + roll(40)))]);
    else if (kind === 3)
      out.fill([0, 0xff, 0x03, 0x0a][roll(4)]!, at, Math.min(out.length, at + 1 + roll(12)));
    else if (kind === 4) {
      const from = somewhere();
      const some = out.subarray(from, Math.min(out.length, from + 1 + roll(600)));
      out = Buffer.concat([out.subarray(0, at), some, out.subarray(at)]);
    } else out = out.subarray(0, Math.max(1, at));
    if (out.length === 0) return Buffer.from([3]);
  }
  return out;
}

describe('RTMP, whatever comes', () => {
  it('gives equal results in pieces of 1 to 4,096 bytes', () => {
    for (const [chunkSize, startMs] of [
      [128, 0],
      [4_096, 0xff_fff0],
      [1, 0xffff_fff0],
    ] as const) {
      const bytes = show(chunkSize, startMs);
      const whole = play(bytes, (left) => left);
      // commands end in front of the answer, which is waited for in one piece as well
      assert.deepEqual([whole.fault, whole.over, whole.asks], [null, true, ['publish live ana 1']]);
      assert.equal(whole.tags.length, 27);
      const roll = dice(7);
      for (const size of [1, 2, 3, 7, 64, 127, 128, 129, 1_000, 1_537, 4_096])
        assert.deepEqual({ ...play(bytes, () => size), sent: 0 }, { ...whole, sent: 0 }, `${size}`);
      for (let i = 0; i < loops(200, 20); i++)
        assert.deepEqual({ ...play(bytes, () => 1 + roll(4_096)), sent: 0 }, { ...whole, sent: 0 });
    }
  }).timeout(120_000);

  it('breaks at nothing: mutated captures', () => {
    const captures = [show(4_096, 0), show(128, 0xff_fff0), show(60_000, 0xffff_fff0)];
    const count = loops(100_000, 3_000);
    const before = process.memoryUsage().rss;
    let slowest = 0;
    let faults = 0;
    let most = 0;
    const fates = new Set<string>();
    for (let i = 0; i < count; i++) {
      const roll = dice(i + 1);
      const bytes = mutated(captures[i % captures.length]!, roll);
      const size = [bytes.length, 1_460, 4_096, 65_536][roll(4)]!;
      const began = process.cpuUsage();
      const heard = play(bytes, () => size, false);
      const { user, system } = process.cpuUsage(began);
      // who is collecting waste just then is not this capture: it is played once more
      let tookMs = (user + system) / 1_000;
      if (tookMs > 50) {
        const again = process.cpuUsage();
        play(bytes, () => size, false);
        const second = process.cpuUsage(again);
        tookMs = Math.min(tookMs, (second.user + second.system) / 1_000);
      }
      slowest = Math.max(slowest, tookMs);
      assert.deepEqual(heard.errors, [], `capture ${i}`);
      if (heard.fault !== null) {
        faults++;
        fates.add(heard.fault.replace(/\d+/g, 'n'));
      }
      if (i % 500 === 0) most = Math.max(most, process.memoryUsage().rss - before);
    }
    most = Math.max(most, process.memoryUsage().rss - before);
    assert.ok(slowest < 50, `one took ${slowest} ms`);
    assert.ok(most < 200 * 1_048_576, `${Math.round(most / 1_048_576)} MB`);
    // the fuzz has to reach what it is for
    assert.ok(fates.size >= 6, [...fates].join('; '));
    assert.ok(faults > count / 10 && faults < count, `${faults} of ${count}`);
  }).timeout(1_200_000);

  it('stands still for no message, however it is made', () => {
    const bytes = 8_000_000;
    const sps = rtmp.videoHeader().subarray(13, 36);
    const frame = (data: Buffer) => Buffer.concat([Buffer.from([0x17, 1, 0, 0, 0]), data]);
    const header = (lengthSize: number) => {
      const made = Buffer.from(rtmp.videoHeader());
      made[9] = 0xfc | (lengthSize - 1);
      return made;
    };
    const repeated = (part: Buffer) =>
      Buffer.concat(Array<Buffer>(Math.floor(bytes / part.length)).fill(part));
    const long = (fill: number) => {
      const data = Buffer.alloc(bytes, fill);
      data.writeUInt32BE(bytes - 4, 0);
      sps.copy(data, 4, 0, 8);
      return data;
    };
    const attacks: Record<string, [number, Buffer]> = {
      'millions of slices': [1, repeated(Buffer.from([1, 0x65]))],
      'many sequence headers': [1, repeated(Buffer.concat([Buffer.from([sps.length]), sps]))],
      'a long sequence header': [4, long(0x55)],
      'a long sequence header of nothing': [4, long(0)],
      'a long sequence header of threes': [4, long(3)],
    };
    for (const [what, [lengthSize, data]] of Object.entries(attacks)) {
      const took = [0, 1, 2].map(() => {
        const meter = new StreamMeter();
        const tag = { kind: 'video', timestampMs: 0, atMs: 0 } as const;
        meter.take({ ...tag, payload: header(lengthSize) });
        const payload = frame(data);
        const began = process.cpuUsage();
        meter.take({ ...tag, payload });
        const { user, system } = process.cpuUsage(began);
        return (user + system) / 1_000;
      });
      assert.ok(Math.min(...took) < 50, `${what}: ${took.join(', ')} ms`);
    }
  });

  it('breaks at nothing: noise behind a good handshake', () => {
    for (let i = 0; i < loops(20_000, 1_000); i++) {
      const roll = dice(i + 77);
      const noise = Buffer.from(Array.from({ length: 1 + roll(3_000) }, () => roll(256)));
      assert.deepEqual(
        play(Buffer.concat([rtmp.HELLO, rtmp.HELLO_AGAIN, noise]), () => 1_460, false).errors,
        [],
      );
    }
  }).timeout(600_000);
});
