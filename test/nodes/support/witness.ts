// What the specs of the witness share: a log in a folder of the test, and the nodes on it.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { KeptLog } from '../../../lib/witness/kept-log';
import { verifyFolder, type VerifyReport } from '../../../lib/witness/verify';
import { tempDir } from '../../support/temp';
import { waitFor } from '../../support/wait';
import { around, heardBy, helper, type Flow, type FlowNode, type Msg } from './rig';

/** Folders of one test: of the log, and of what this computer remembers of it. */
export function folders(): { log: string; state: string } {
  const folder = tempDir('witness');
  return { log: join(folder, 'log'), state: join(folder, 'state') };
}

/** The config node of a log, as it is added in the editor. */
export function logNode(at: { log: string; state: string }, more: Partial<FlowNode> = {}): FlowNode {
  return {
    id: 'log',
    type: 'live-witness-log',
    name: 'show',
    configVersion: 1,
    folder: at.log,
    fields: 'topic, payload, live, alert',
    durability: 'group',
    ifFailed: 'go-on',
    cosigners: [],
    needed: '',
    countersign: false,
    host: '127.0.0.1',
    port: '8479',
    logs: [],
    origin: '',
    stateFolder: at.state,
    longestText: '8192',
    mostMegabytes: '0',
    checkpointSeconds: '10',
    checkpointEntries: '1000',
    ...more,
  };
}

/** A witness node `n` between sinks, on this log. */
export function witnessing(log: FlowNode, more: Partial<FlowNode> = {}, ...others: FlowNode[]): Flow {
  return around(
    { type: 'live-witness', name: 'all of it', log: log.id, checkpoints: 'each', minutes: '30', ...more },
    log,
    ...others,
  );
}

/** A query node `n` between sinks, as it is dragged. */
export const QUERY = {
  type: 'live-witness-query',
  log: 'log',
  action: 'report',
  types: '',
  typesType: 'str',
  from: '',
  fromType: 'str',
  to: '',
  toType: 'str',
  limit: '1000',
  entry: 'witness.seq',
  entryType: 'msg',
  title: '',
  give: 'message',
  path: '',
  pathType: 'str',
  overwrite: false,
  proofs: false,
  folder: '',
  folderType: 'str',
  vkey: '',
};

interface LogConfig {
  trust: { origin: string; vkey: string };
  peek(): KeptLog | null;
  credentials?: { key?: string; cosignKey?: string };
}

/** The deployed config node. */
export function logConfig(id = 'log'): LogConfig {
  return helper.getNode(id) as unknown as LogConfig;
}

/** Until the log is open. */
export async function opened(id = 'log'): Promise<void> {
  await waitFor(() => logConfig(id).peek()?.status().state === 'open', {
    intervalMs: 5,
    message: 'the log to open',
  });
}

/** Until so many messages came out of output 1. */
export async function passed(count: number, timeoutMs = 20_000): Promise<Msg[]> {
  await waitFor(() => heardBy('out').length >= count, {
    timeoutMs,
    intervalMs: 5,
    message: () => `${count} messages; ${heardBy('out').length} came`,
  });
  return heardBy('out');
}

/** Everything recorded in a folder, the log's own entries too. */
export function linesOf(folder: string): Msg[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1))
    .map((line) => JSON.parse(line) as Msg);
}

/** The same without what the log says of itself. */
export function recorded(folder: string): Msg[] {
  return linesOf(folder).filter(({ type }) => !String(type).startsWith('log.'));
}

/** What verification says of a closed log, with the key its config node had. */
export function judged(folder: string, vkey: string): Promise<VerifyReport> {
  return verifyFolder(folder, { vkeys: [vkey] });
}
