// memory-child.ts growth: by how many bytes the collected heap grew over 200,000 entries.
// memory-child.ts write COUNT FOLDER: writes a log and says its key and size. memory-child.ts verify FOLDER VKEY: says by how many bytes the process grew at most while it verified.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyFolder } from '../../lib/witness/verify';
import { growth } from '../support/rounds';
import { discard } from './disk';
import { openLog, recordAll } from './log';
import { holdSecrets, sampleMessages } from './messages';

const CHUNKS = 10;
const CHUNK = 20_000;
const WARM_UP = 40_000;
const AT_ONCE = 500;
const KB = 1024;

export interface Written {
  folder: string;
  vkey: string;
  bytes: number;
}

async function heap(): Promise<number> {
  for (let time = 0; time < 3; time++) {
    globalThis.gc?.();
    await sleep(50);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function grown(): Promise<number> {
  const { log, folder } = await openLog();
  const messages = sampleMessages();
  await recordAll(log, messages, WARM_UP, AT_ONCE);
  const values = [await heap()];
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    await recordAll(log, messages, CHUNK, AT_ONCE);
    values.push(await heap());
  }
  await log.close();
  discard(folder);
  return growth(values);
}

async function write(count: number): Promise<Written> {
  const { log, folder, signer } = await openLog(process.argv[4]);
  await recordAll(log, sampleMessages(), count, AT_ONCE);
  await log.close();
  const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  return { folder, vkey: signer.verifier.text, bytes };
}

async function verified(folder: string, vkey: string): Promise<number> {
  const before = process.resourceUsage().maxRSS;
  const { verdict, sentence } = await verifyFolder(folder, { vkeys: [vkey] });
  if (verdict !== 'valid') throw new Error(sentence);
  return (process.resourceUsage().maxRSS - before) * KB;
}

async function main(): Promise<void> {
  holdSecrets();
  const [what, first = '', second = ''] = process.argv.slice(2);
  const answer =
    what === 'growth'
      ? await grown()
      : what === 'write'
        ? await write(Number(first))
        : await verified(first, second);
  process.send?.(answer, () => process.exit());
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
