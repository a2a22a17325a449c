import { asLiveError } from '../lib/errors';
import type { Application } from '../lib/production/application';
import { redactError } from '../lib/secrets';
import { announceConnection } from './connections';
import { fingerprint, leases } from './leases';
import { onClose } from './on-close';
import type { ConnectionNode, NodeAPI } from './types';

/** An application that a connection keeps open. */
export type OpenApplication = Application & { name: string; close(): Promise<void>; readonly spent: boolean };

/** What differs from one kind of connection to another. */
export interface ConnectionKind<Settings extends object, Opened extends OpenApplication> {
  /** in the log: `obs connection` */
  label: string;
  simulated: boolean;
  /** Settings from the dialog. Throws CONFIG_INVALID, CONFIG_ENV_MISSING; not asked in a rehearsal that needs none of them. */
  read(): Settings;
  /** a rehearsal has settings in the dialog too. Default false */
  readsInRehearsal?: boolean;
  /** what stands for settings while it rehearses, or has none that make sense */
  rehearsal: Settings;
  /** how people see it where they gave no name */
  nameOf(settings: Settings): string;
  /** what makes it another connection beside the settings */
  more?: object;
  /** the part of the settings that cannot change while it is open; all of them where it is missing */
  keeps?(settings: Settings): object;
  /** What may change while it is open: before anybody else uses it after a deploy. */
  renew?(opened: Opened, settings: Settings): void;
  open(settings: Settings, about: { id: string; name: string; log: Log }): Opened;
}

type Log = (level: 'info' | 'warn', text: string) => void;

/** A connection that is deployed: what other nodes and its own routes see of it. */
export interface DeployedConnection<Settings, Opened> extends ConnectionNode {
  /** null where they make no sense */
  settings: Settings | null;
  /** the open connection, or null: opens nothing */
  peek(): Opened | null;
}

/** Make a configuration node a connection: one application, opened by its first lease and kept over deploys that leave it as it is. */
export function makeConnection<Settings extends object, Opened extends OpenApplication>(
  RED: NodeAPI,
  node: DeployedConnection<Settings, Opened>,
  typedName: string,
  kind: ConnectionKind<Settings, Opened>,
): void {
  node.simulated = kind.simulated;
  node.fault = null;
  node.settings = null;
  try {
    node.settings = kind.simulated && !kind.readsInRehearsal ? kind.rehearsal : kind.read();
  } catch (error) {
    node.fault = redactError(asLiveError(error));
    node.warn(node.fault.toString());
  }
  const { id, settings } = node;
  const name = typedName || kind.nameOf(settings ?? kind.rehearsal);
  const kept = settings && kind.keeps ? kind.keeps(settings) : settings;
  const print = (node.print = fingerprint({ simulated: kind.simulated, ...kept, ...kind.more }));
  // the node may be another object after a deploy, so the log is Node-RED's own
  const log: Log = (level, text) => RED.log[level](`[${kind.label}:${name}] ${text}`);

  node.acquire = () => {
    const lease = leases.acquire(id, print, () => kind.open(settings ?? kind.rehearsal, { id, name, log }));
    lease.value.name = name;
    return lease;
  };
  const open = leases.peek(id, print) as Opened | null;
  if (open && settings) kind.renew?.(open, settings);
  node.peek = () => leases.peek(id, print) as Opened | null;
  const takeBack = announceConnection(node);
  onClose(node, async (removed) => {
    takeBack();
    if (removed) await leases.closeNow(id);
  });
}
