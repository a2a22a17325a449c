// Entries a second that are on the disk before they are acknowledged.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { AppendFile } from '../../lib/durable/append';
import { figure, type Figure } from '../support/figures';
import { alternate, compare } from '../support/rounds';
import { discard, freshPath, syncEach } from './disk';
import { sampleLines } from './lines';
import { openLog, recordAll } from './log';
import { sampleMessages } from './messages';

const ROUNDS = 7;
const EACH = 1000;
const GROUPED = 40_000;
/** as many as may wait with room to spare */
const IN_FLIGHT = 2000;
const LONGEST_MS = 120_000;

const run = promisify(execFile);

/** One commit an entry, in the mode of SQLite that writes least and is durable. Says entries a second. */
const SQLITE = `
import sqlite3, sys, time
lines = open(sys.argv[2], encoding='utf-8').read().splitlines()
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute('PRAGMA journal_mode=WAL')
db.execute('PRAGMA synchronous=FULL')
db.execute('CREATE TABLE entries (seq INTEGER PRIMARY KEY, line TEXT)')
began = time.perf_counter()
for seq, line in enumerate(lines):
    db.execute('INSERT INTO entries VALUES (?, ?)', (seq, line))
print(len(lines) / (time.perf_counter() - began))
`;

export async function durableFigures(): Promise<Figure[]> {
  const lines = sampleLines(EACH);
  const messages = sampleMessages();
  const withPython = await hasSqlite();
  const values = await alternate(ROUNDS, 1, {
    each: () => Promise.resolve(syncEach(lines)),
    group: () => groupCommit(lines),
    whole: () => wholeWay(messages),
    sqlite: () => (withPython ? sqlite(lines) : Promise.resolve(0)),
  });
  const figures = [
    figure({
      name: 'durable entries, raw group writer, beside a write and an fdatasync for each',
      unit: 'entries/s',
      ...compare(values.group, values.each, true),
      goal: 'at least 20 times as many',
      isMet: ({ ratio }) => ratio !== null && ratio <= 1 / 20,
    }),
    figure({
      name: 'durable entries, from the message to the disk and the signature, beside a write and an fdatasync for each',
      unit: 'entries/s',
      ...compare(values.whole, values.each, true),
      goal: 'at least 4 times as many',
      isMet: ({ ratio }) => ratio !== null && ratio <= 1 / 4,
    }),
  ];
  if (withPython)
    figures.push(
      figure({
        name: "durable entries, the same, beside Python's sqlite3 with one commit for each",
        unit: 'entries/s',
        ...compare(values.whole, values.sqlite, true),
      }),
    );
  return figures;
}

/** Entries a second that come in faster than the disk can take them one by one. */
async function groupCommit(lines: readonly Buffer[]): Promise<number> {
  const path = freshPath('group');
  const file = await AppendFile.open(path);
  const began = performance.now();
  let sent = 0;
  const lane = async () => {
    while (sent < GROUPED) await file.append(lines[sent++ % lines.length]!);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  const seconds = (performance.now() - began) / 1000;
  await file.close();
  discard(path);
  return GROUPED / seconds;
}

/** The same through all of the witness log, in bursts as they come from a busy flow. */
async function wholeWay(messages: readonly object[]): Promise<number> {
  const { log, folder } = await openLog();
  const began = performance.now();
  await recordAll(log, messages, GROUPED, IN_FLIGHT);
  const seconds = (performance.now() - began) / 1000;
  await log.close();
  discard(folder);
  return GROUPED / seconds;
}

async function hasSqlite(): Promise<boolean> {
  try {
    await run('python3', ['-c', 'import sqlite3']);
    return true;
  } catch {
    console.log('python3 with sqlite3 is not there: its figure is left out');
    return false;
  }
}

async function sqlite(lines: readonly Buffer[]): Promise<number> {
  const source = freshPath('lines');
  writeFileSync(source, Buffer.concat(lines));
  const { stdout } = await run('python3', ['-c', SQLITE, freshPath('sqlite'), source], {
    timeout: LONGEST_MS,
  });
  return Number(stdout);
}
