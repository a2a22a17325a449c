import type { Lease } from '../lib/connection/lease';
import { fail, type LiveError } from '../lib/errors';
import type { Release } from '../lib/production/application';
import type { KeptLog } from '../lib/witness/kept-log';
import { parseCheckpoint } from '../lib/witness/checkpoint';
import { parseNote } from '../lib/witness/note';
import type { CheckpointTold } from '../lib/witness/store/log';
import type { Node, NodeAPI } from './types';

/** What of a message is recorded, and how much of it. */
export interface Recording {
  fields: readonly string[];
  /** characters of one text */
  longestText: number;
}

/** A witness-log config node. */
export interface WitnessLogNode extends Node<object> {
  /** why there can be no log; null when its settings make sense */
  fault: LiveError | null;
  recording: Recording;
  /** where the log begins; after an incident it goes on in a folder beside */
  folder: string;
  /** what was signed last is remembered there */
  stateFolder: string;
  /** a message that cannot be recorded goes on (true) or stops with an error */
  failOpen: boolean;
  /** so many cosigners must have answered; fewer colour the badge */
  needed: number;
  /** what the log's checkpoints and entries are checked with */
  trust: { origin: string; vkey: string; cosigners: string[] };
  acquire(): Lease<KeptLog>;
}

/** The log a node's dialog names. Throws WITNESS_LOG_MISSING, or what is wrong with it. */
export function witnessLog(RED: NodeAPI, id: string | undefined): WitnessLogNode {
  const node = (id ? RED.nodes.getNode(id) : null) as WitnessLogNode | null;
  if (!node?.acquire) throw fail('WITNESS_LOG_MISSING');
  if (node.fault) throw node.fault;
  return node;
}

/** Say on a node's own account what is wrong, unless its log has said so itself. */
export function warnOnce(RED: NodeAPI, node: Node, id: string | undefined, fault: LiveError): void {
  const log = (id ? RED.nodes.getNode(id) : null) as WitnessLogNode | null;
  if (log?.fault !== fault) node.warn(fault.toString());
}

/** Whether a message goes on where it cannot be recorded; it does too where no log is chosen. */
export function failsOpen(RED: NodeAPI, id: string | undefined): boolean {
  return (id ? (RED.nodes.getNode(id) as WitnessLogNode | null) : null)?.failOpen !== false;
}

/** Keep a log open until `release` is called: safe to call twice. */
export function leaseLog(node: WitnessLogNode): { log: KeptLog; release: Release } {
  const lease = node.acquire();
  const unuse = lease.value.use();
  return {
    log: lease.value,
    release: () => {
      unuse();
      lease.release();
    },
  };
}

/** A checkpoint as it leaves output 2, ready for the mail node. */
export interface CheckpointMessage {
  topic: string;
  payload: string;
  witness: {
    origin: string;
    size: number;
    /** base64 */
    root: string | null;
    cosignedBy: string[];
    missing: string[];
  };
}

/** A checkpoint as a message. */
export function checkpointMessage(
  origin: string,
  { note, size, cosignedBy, missing }: CheckpointTold,
): CheckpointMessage {
  const root = parseCheckpoint(parseNote(note)?.text ?? '')?.root.toString('base64') ?? null;
  const entries = `${size.toLocaleString('en-US')} ${size === 1 ? 'entry' : 'entries'}`;
  return {
    topic: `Witness checkpoint of ${origin}: ${entries}`,
    payload: note,
    witness: { origin, size, root, cosignedBy: [...cosignedBy], missing: [...missing] },
  };
}
