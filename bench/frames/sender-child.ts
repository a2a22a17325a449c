// sender-child.ts PORT STREAM FILE: publishes an FLV in real time, again and again, and says when each key frame was handed to the system.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { FlvReader } from '../../lib/rtmp/media/flv';
import type { Tag } from '../../lib/rtmp/types';
import { publishing } from '../../test/support/rtmp';

/** The clock that all processes of a machine share, ms. */
const clock = (): number => Number(process.hrtime.bigint()) / 1e6;

async function main(): Promise<void> {
  const [port, stream, file] = [Number(process.argv[2]), process.argv[3]!, process.argv[4]!];
  const tags: Tag[] = [];
  const reader = new FlvReader({ onTag: (tag) => void tags.push(tag), now: clock });
  reader.push(readFileSync(file));
  const caller = await publishing(port, stream);
  await caller.code('NetStream.Publish.Start');
  const length = tags.at(-1)!.timestampMs + 40;
  const began = clock();
  for (let turn = 0; ; turn++)
    for (const tag of tags) {
      // headers come once, as from an encoder
      if (turn > 0 && (tag.kind === 'data' || tag.payload[1] === 0)) continue;
      const timestamp = tag.timestampMs + turn * length;
      const early = began + timestamp - clock();
      if (early > 1) await sleep(early);
      if (tag.kind === 'audio') caller.audio(timestamp, tag.payload);
      else if (tag.kind === 'video') {
        const isKeyframe = tag.payload[0]! >> 4 === 1 && tag.payload[1] === 1;
        if (isKeyframe) process.send!({ sentMs: clock(), mediaMs: timestamp + tag.payload.readUIntBE(2, 3) });
        caller.video(timestamp, tag.payload);
      }
    }
}

void main();
