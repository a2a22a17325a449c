import { isAbsolute } from 'node:path';
import { fail } from '../errors';
import { windowsPathFault } from './windows-path';

/** What a connection to vMix knows beside its addresses. */
export interface VmixExtras {
  /** how many streaming channels this vMix has; null: as its version has */
  channels: 3 | 5 | null;
  /** how often its state is read, in milliseconds */
  pollMs: number;
  /** whether functions may be called that run code on the vMix machine */
  allowScripts: boolean;
  /** a folder for pictures, as the vMix machine calls it; null: none */
  sharedThere: string | null;
  /** the same folder as Node-RED calls it; null: Node-RED cannot read it */
  sharedHere: string | null;
  /** where vMix writes its streaming logs, as Node-RED calls it; null: they cannot be read */
  logFolder: string | null;
}

export const POLL_MS = { standard: 2_000, least: 500, most: 60_000 };

export const NO_EXTRAS: VmixExtras = {
  channels: null,
  pollMs: POLL_MS.standard,
  allowScripts: false,
  sharedThere: null,
  sharedHere: null,
  logFolder: null,
};

/** What a person typed. */
export interface TypedVmixExtras {
  channels: string;
  pollSeconds: string | number;
  allowScripts: boolean;
  sharedThere: string;
  sharedHere: string;
  logFolder: string;
}

/** Extras from what a person typed. Throws CONFIG_INVALID with the field and the reason. */
export function parseVmixExtras(typed: TypedVmixExtras): VmixExtras {
  const seconds = String(typed.pollSeconds).trim();
  const pollMs = seconds === '' ? POLL_MS.standard : Number(seconds) * 1000;
  if (!(pollMs >= POLL_MS.least && pollMs <= POLL_MS.most))
    throw fail('CONFIG_INVALID', {
      field: 'poll',
      reason: `"${seconds}" is no number of seconds from ${POLL_MS.least / 1000} to ${POLL_MS.most / 1000}`,
    });
  const channels = typed.channels.trim();
  if (!['', 'auto', '3', '5'].includes(channels))
    throw fail('CONFIG_INVALID', { field: 'channels', reason: `"${channels}" is none of auto, 3 and 5` });
  const sharedThere = typed.sharedThere.trim() || null;
  const sharedHere = typed.sharedHere.trim() || null;
  if (sharedHere && !sharedThere)
    throw fail('CONFIG_INVALID', {
      field: 'picture folder',
      reason: 'say what the vMix machine calls this folder too',
    });
  const fault =
    (sharedThere && windowsPathFault(sharedThere)) ||
    (sharedHere && !isAbsolute(sharedHere) && `"${sharedHere}" does not begin at the root of this computer`);
  if (fault) throw fail('CONFIG_INVALID', { field: 'picture folder', reason: fault });
  return {
    channels: channels === '3' ? 3 : channels === '5' ? 5 : null,
    pollMs,
    allowScripts: typed.allowScripts,
    sharedThere,
    sharedHere,
    logFolder: typed.logFolder.trim() || null,
  };
}
