// A witness log under test: how it is opened, what is in its folder, and whether it is an honest one.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseEntry, type Entry } from '../../lib/witness/entry';
import { folderOf } from '../../lib/witness/folder';
import { segmentStart } from '../../lib/witness/format';
import { signerOf } from '../../lib/witness/keys';
import { WitnessLog, type Appended, type WitnessLogOptions } from '../../lib/witness/store/log';
import { leafHash } from '../../lib/witness/tree';
import { verifyFolder, type VerifyReport } from '../../lib/witness/verify';
import type { FaultyDisk } from './faulty-disk';

export const ORIGIN = 'studio.example/live-witness/main';
const signer = signerOf(ORIGIN, Buffer.alloc(32, 7));
export const VKEY = signer.verifier.text;

/** Options with everything that has no default, and failures that are tried again at once. */
export function keptOptions(
  stateFolder: string,
  options: Partial<WitnessLogOptions> = {},
): WitnessLogOptions {
  return { origin: ORIGIN, signer, stateFolder, software: 'test 1.0.0', reopenAfterMs: () => 1, ...options };
}

/** The options of a log on a disk in memory, whose folders nobody can lock. */
export function diskOptions(disk: FaultyDisk, options: Partial<WitnessLogOptions> = {}): WitnessLogOptions {
  const lock = () => Promise.resolve({ release: () => Promise.resolve() });
  return keptOptions('/state', { files: disk, lock, ...options });
}

/** Put one message into a log. */
export function put(log: WitnessLog, payload: unknown, type = 'message'): Appended {
  return log.append(type, JSON.stringify({ payload }), '{}');
}

/** Content of a folder, name to bytes: of a real one, or of one on a disk in memory. */
export function contentsOf(folder: string, disk?: FaultyDisk): Map<string, Buffer> {
  if (!disk) return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
  const prefix = `${folder}/`;
  const names = disk.list().filter((path) => path.startsWith(prefix));
  return new Map(names.map((path) => [path.slice(prefix.length), disk.look(path)!]));
}

/** Every line of entries in a folder that is whole, as an entry with its hash. */
export function entriesIn(contents: ReadonlyMap<string, Buffer>): (Entry & { hash: string })[] {
  const names = [...contents.keys()].filter((name) => segmentStart(name) !== null).sort();
  return names.flatMap((name) =>
    contents
      .get(name)!
      .toString('latin1')
      .split('\n')
      .slice(0, -1)
      .flatMap((text) => {
        const line = Buffer.from(text, 'latin1');
        const { entry } = parseEntry(line);
        return entry ? [{ ...entry, hash: leafHash(line).toString('hex') }] : [];
      }),
  );
}

/** Verify a folder with its key known. */
export function verifyKept(contents: ReadonlyMap<string, Buffer>): Promise<VerifyReport> {
  return verifyFolder(folderOf(contents), { origin: ORIGIN, vkeys: [VKEY] });
}

/** Assert that nobody would take this folder for a changed one; `valid`: that it is signed to its end, too. */
export async function assertHonest(
  contents: ReadonlyMap<string, Buffer>,
  { valid = true, what = '' }: { valid?: boolean; what?: string } = {},
): Promise<VerifyReport> {
  const report = await verifyKept(contents);
  const told = (): string =>
    `${what} ${report.sentence} ${JSON.stringify(report.problems, null, 1)} ${[...contents.keys()].join(' ')}`;
  if (valid) assert.equal(report.verdict, 'valid', told());
  else assert.notEqual(report.verdict, 'tampered', told());
  return report;
}

/** How many entries a log's gaps tell of. */
export function missingIn(contents: ReadonlyMap<string, Buffer>): number {
  return entriesIn(contents)
    .filter(({ type }) => type === 'log.gap')
    .reduce((sum, { data }) => sum + (data as { count: number }).count, 0);
}
