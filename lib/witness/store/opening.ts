import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { makeFolder, reasonOf } from '../../durable/files';
import { removeLeftovers } from '../../durable/replace';
import { LiveError, fail } from '../../errors';
import { begin } from './begin';
import { extend } from './extend';
import { type Line, lineOf } from './folders';
import type { Settings } from './options';
import { SecondLocation } from './second-location';
import type { OnFailure } from './segments';
import type { Session } from './session';
import { type Written, survey } from './survey';

/** Two that open at the same moment look again when the other went on in a new folder. */
const LOOKS = 10;

/** What an opening goes through: which options, and who hears of a failure later. */
export interface Opening {
  options: Settings;
  second: SecondLocation;
  onFailure: OnFailure;
  /** what this process wrote there before, if it did */
  written: Written | null;
}

/**
 * Open the log that belongs into a folder. In this order: reserve the folder · look at it, changing nothing, and compare it with what this
 * computer signed · either bring its end to the last whole entry and go on in it, or begin a new one: in the same place where there
 * is none, in the next folder where what is there must not be touched. Killed anywhere, the next opening finds
 * the same and does the rest.
 * @throws LiveError DURABLE_LOCKED, WITNESS_UNREADABLE, WITNESS_OPEN_FAILED, CONFIG_INVALID, DURABLE_*
 */
export async function openSession(
  base: string,
  options: Settings,
  onFailure: OnFailure,
  written: Written | null = null,
): Promise<Session> {
  const second = new SecondLocation(await real(options.stateFolder), options.files);
  try {
    const root = await real(base);
    mustFit(root, second.folder, options);
    for (let look = 0; look < LOOKS; look++) {
      const line = await lineOf(root, options.signer.verifier, options.files);
      const session = await openIn(root, line, { options, second, onFailure, written });
      if (session) return session;
    }
    throw fail('WITNESS_OPEN_FAILED', { folder: base, reason: 'its folders change all the time' });
  } catch (error) {
    if (error instanceof LiveError) throw error;
    throw fail('WITNESS_OPEN_FAILED', { folder: base, reason: reasonOf(error) }, error);
  }
}

/** Null where it turns out that the log goes on elsewhere. */
async function openIn(root: string, line: Line, opening: Opening): Promise<Session | null> {
  const { options, second, written } = opening;
  const { files, signer } = options;
  const folder = line.newest;
  await makeFolder(folder, undefined, files);
  const lock = await options.lock(folder);
  let keep = false;
  try {
    if ((await lineOf(root, signer.verifier, files)).newest !== folder) return null;
    await removeLeftovers(folder, files);
    const finding = await survey(folder, { files, second, written, verifier: signer.verifier });
    if (finding.act === 'leave') return await beginNext(line, finding, opening);
    const session =
      finding.act === 'extend'
        ? await extend(folder, lock, finding, opening)
        : await begin(folder, lock, { ...finding, rollback: null }, opening);
    keep = true;
    return session;
  } finally {
    // the folder that is left stays reserved until the next one is
    if (!keep) await lock.release();
  }
}

async function beginNext(
  { next }: Line,
  how: Parameters<typeof begin>[2],
  opening: Opening,
): Promise<Session> {
  const { options } = opening;
  await makeFolder(next, undefined, options.files);
  const lock = await options.lock(next);
  try {
    await removeLeftovers(next, options.files);
    return await begin(next, lock, how, opening);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function mustFit(folder: string, state: string, { origin, signer }: Settings): void {
  if (signer.verifier.name !== origin)
    throw fail('CONFIG_INVALID', { field: 'origin', reason: 'the key is of a log of another name' });
  if (`${state}${sep}`.startsWith(`${folder}${sep}`))
    throw fail('CONFIG_INVALID', {
      field: 'state folder',
      reason: 'it has to lie outside of the folder of the log, or both are set back together',
    });
}

/** A path with every link resolved, as far as it exists. */
async function real(path: string): Promise<string> {
  const whole = resolve(path);
  try {
    return await realpath(whole);
  } catch {
    return dirname(whole) === whole ? whole : join(await real(dirname(whole)), basename(whole));
  }
}
