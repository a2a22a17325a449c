import { mkdtemp, readFile, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { adminPost } from '../../red/admin-routes';
import { asTyped } from '../../red/typed-inputs';
import type { NodeAPI } from '../../red/types';
import { codeOf, reasonOf } from '../../lib/durable/files';
import { fail } from '../../lib/errors';
import { parseCheckpoint } from '../../lib/witness/checkpoint';
import { CHECKPOINT_FILE } from '../../lib/witness/format';
import { parseNote } from '../../lib/witness/note';
import { logSettings, refusePlainLogin, type WitnessLogDef } from './settings';
import type { WitnessLogConfigNode } from './types';

type Body = Record<string, unknown>;

/** The routes behind the dialog: how the deployed log is, and whether the values in it would do. */
export function addDialogRoutes(RED: NodeAPI): void {
  const deployed = (id: unknown): WitnessLogConfigNode | null => {
    const node = typeof id === 'string' ? (RED.nodes.getNode(id) as WitnessLogConfigNode | null) : null;
    return node?.peek ? node : null;
  };

  adminPost(
    RED,
    'witness/state',
    () => 'live-production.read',
    async ({ id }) => {
      const node = deployed(id);
      return { state: node ? await stateOf(node) : null };
    },
  );

  adminPost(
    RED,
    'witness/test',
    () => 'live-production.write',
    async ({ settings }) => {
      if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
        throw fail('INPUT_INVALID', { field: 'settings', reason: 'they are missing' });
      const typed = settings as WitnessLogDef;
      const node = deployed(typed.id);
      refusePlainLogin(typed);
      const { folder, stateFolder } = logSettings(RED, (node ?? {}) as never, typed);
      // whoever may test may not read the environment by it: no path that a variable gave is shown
      const [shown, shownState] = [asTyped(typed.folder, folder), asTyped(typed.stateFolder, stateFolder)];
      const isNew = await mustBeWritable(folder, shown);
      await mustBeWritable(stateFolder, shownState);
      return { folder: shown, isNew, entries: (await lastCheckpoint(folder))?.size ?? null };
    },
  );
}

async function stateOf(node: WitnessLogConfigNode): Promise<Body> {
  const { fault, trust, cosignerVkey, countersigner } = node;
  if (fault) return { fault: fault.message, code: fault.code };
  const status = node.peek()?.status() ?? null;
  const log = status?.log ?? null;
  const folder = log?.folder ?? node.folder;
  const signed = await lastCheckpoint(folder);
  return {
    ...trust,
    cosignerVkey,
    folder,
    now: status?.state ?? 'unused',
    error: status?.error?.message ?? null,
    entries: log?.size ?? null,
    signed: log?.signedSize ?? signed?.size ?? null,
    lost: log?.lost ?? 0,
    cosigners: log?.cosigners ?? [],
    countersigning: countersigner && {
      logs: countersigner.logs().length,
      error: countersigner.error?.message ?? null,
    },
  };
}

/** What the newest checkpoint in a folder says of itself; nobody checks it here. */
async function lastCheckpoint(folder: string) {
  try {
    return parseCheckpoint(parseNote(await readFile(join(folder, CHECKPOINT_FILE), 'utf8'))?.text ?? '');
  } catch {
    return null;
  }
}

/** Try to write into a folder, or where it would be made; nothing stays behind. True when it is not there yet. */
async function mustBeWritable(folder: string, shown: string): Promise<boolean> {
  let there = folder;
  for (; !(await isThere(there)); there = dirname(there)) if (dirname(there) === there) break;
  try {
    await rmdir(await mkdtemp(join(there, '.live-')));
  } catch (error) {
    throw fail('CONFIG_INVALID', { field: shown, reason: reasonOf(error) }, error);
  }
  return there !== folder;
}

async function isThere(folder: string): Promise<boolean> {
  try {
    await stat(folder);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ENOENT';
  }
}
