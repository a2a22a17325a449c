// The process of an ingest: nothing of Node-RED is in it, and it ends with the connection to it.
import { writeFileSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { ChildIngest } from './child-ingest';
import { PieceReader, wordPiece } from './pieces';
import { MOST_PARENT_WORD, type ChildWord, type ParentWord } from './words';

const LINK = 3;
const BEAT_MS = 1_000;
const FAULT = 70;
/** Beside its own objects: what is kept of each publisher for whoever begins to play, and what waits for players. */
const MB = 1_048_576;
const MOST_BYTES = 768 * MB;
const MOST_BYTES_EACH = 32 * MB;
/** Node-RED has stood still for so long that words alone fill the memory. */
const MOST_UNHEARD = 16 * MB;

/** End, with the name and the place of a fault: what it says may hold what somebody sent. */
function fault(name: string, place = ''): never {
  try {
    writeSync(2, `\nFAULT ${`${name} ${place}`.replace(/[^\w .:/\\-]+/g, ' ').slice(0, 200)}\n`);
  } catch {
    // nobody reads it
  }
  process.exit(FAULT);
}

process.on('uncaughtException', (error: unknown) => {
  const { name, stack } = error instanceof Error ? error : new Error('none');
  fault(name, /^ {4}at .*?([\w-]+\.js:\d+)/m.exec(stack ?? '')?.[1]);
});
// a person's Ctrl+C, and whoever stops a service, tell all its processes; Node-RED still has to end in good order
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
try {
  // where memory is short, the system shall end this one and not Node-RED
  writeFileSync('/proc/self/oom_score_adj', '500');
} catch {
  // another system
}

const link = new Socket({ fd: LINK, readable: true, writable: true });
let unheard = 0;
const tell = (word: ChildWord): void => {
  const piece = wordPiece(word);
  if ((unheard += piece.length) > MOST_UNHEARD) fault('Node-RED does not listen');
  link.write(piece, () => (unheard -= piece.length));
};
const ingest = new ChildIngest({
  tell,
  send: (pieces, taken) => {
    link.cork();
    for (const [i, piece] of pieces.entries()) link.write(piece, i === pieces.length - 1 ? taken : undefined);
    link.uncork();
  },
  over: () => process.exit(0),
});
const reader = new PieceReader(
  { word: (word) => ingest.hear(word as ParentWord), tag: () => undefined },
  MOST_PARENT_WORD,
);
for (const what of ['error', 'end', 'close']) link.on(what, () => process.exit(0));
link.on('data', (piece: Buffer) => reader.push(piece));
setInterval(() => {
  if (process.memoryUsage.rss() > MOST_BYTES + MOST_BYTES_EACH * ingest.mostPublishers)
    fault('too much memory');
  tell({ is: 'beat' });
}, BEAT_MS);
