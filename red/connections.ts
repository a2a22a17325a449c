import { Emitter } from '../lib/connection/emitter';
import type { Application, Release, Startable } from '../lib/production/application';
import { asLiveError, fail } from '../lib/errors';
import type { Badge } from './badges';
import { onClose } from './on-close';
import { numberField } from './typed-inputs';
import type { ActionDef, ApplicationDef, ConnectionNode, Node, NodeAPI } from './types';

/** A day: whoever waits longer has forgotten it. */
const LONGEST_WAIT_S = 86_400;

const connections = new Map<string, ConnectionNode>();
const changed = new Emitter<void>();

/** A connection config node is there; takes itself back when it closes. */
export function announceConnection(connection: ConnectionNode): Release {
  connections.set(connection.id, connection);
  changed.tell();
  return () => {
    if (connections.get(connection.id) !== connection) return;
    connections.delete(connection.id);
    changed.tell();
  };
}

/** The id of the connection that a dialog names; '' where it names none. */
export function connectionId({ application, obs, vmix, ingest }: ApplicationDef): string {
  switch (application) {
    case 'any':
      return '';
    case 'vmix':
      return vmix ?? '';
    case 'ingest':
      return ingest ?? '';
    default:
      return obs ?? '';
  }
}

/** The application a node works on. */
export interface ApplicationUse {
  /** The application. Throws CONNECTION_MISSING, or why its connection makes no sense. */
  get(): Application;
  /**
   * The same, once connected: waits as long as the dialog's `waitSeconds` says, or not at all. A start that a stop
   * overtakes meanwhile is cancelled.
   */
  ready(options?: {
    start?: Startable;
    /** of several streams or SRT outputs, those that are to start */
    channels?: readonly number[];
    atOnce?: boolean;
  }): Promise<Application>;
}

/** What a node does with its application ends; the lease is kept until a promise it gives is settled. */
export type EndOfUse = () => void | Promise<void>;

/** Lease the application that a node's dialog names, for as long as the node lives; its badge follows the connection. */
export function useApplication(
  RED: NodeAPI,
  node: Node,
  config: ActionDef,
  badge: Badge,
  onUse: (application: Application) => EndOfUse = () => () => undefined,
): ApplicationUse {
  const id = connectionId(config);
  const connection = (id ? RED.nodes.getNode(id) : null) as ConnectionNode | null;
  const get = (): Application => {
    if (!connection?.acquire) throw fail('CONNECTION_MISSING');
    if (connection.fault) throw connection.fault;
    if (!application) throw fail('CONNECTION_MISSING');
    return application;
  };
  let application: Application | null = null;
  if (connection?.acquire && !connection.fault) application = lease(node, connection, badge, onUse);
  else badge.misconfigured();
  return {
    get,
    ready: async ({ start, channels, atOnce = false } = {}) => {
      const waitMs = atOnce
        ? 0
        : numberField(RED, node, 'wait', config.waitSeconds, 0, 0, LONGEST_WAIT_S) * 1000;
      const found = get();
      const wanted = start ? found.startWanted(start, channels) : () => true;
      await found.whenReady(waitMs);
      if (!wanted()) throw fail(start === 'recording' ? 'RECORD_START_CANCELLED' : 'STREAM_START_CANCELLED');
      return found;
    },
  };
}

/**
 * Lease every connection to one kind of application there is and ever comes, or with `any` every one to any, for nodes that name none
 * and listen to all of them. `badge` follows them; null where the node shows something else.
 */
export function useEveryApplication(
  node: Node,
  kind: string,
  badge: Badge | null,
  onUse: (application: Application) => Release,
): void {
  const wanted = kind === 'ingest' ? 'live-rtmp-ingest' : `live-${kind}-connection`;
  const fits = ({ type }: ConnectionNode) => kind === 'any' || type === wanted;
  const used = new Map<ConnectionNode, () => Promise<void>>();
  const follow = () => {
    const present = new Set([...connections.values()].filter(fits));
    for (const [connection, release] of [...used]) {
      if (present.has(connection)) continue;
      used.delete(connection);
      void release();
    }
    for (const connection of present)
      if (!used.has(connection) && !connection.fault) used.set(connection, hold(connection, badge, onUse));
    if (!used.size) badge?.connectionIs('waiting');
  };
  const unfollow = changed.add(follow);
  follow();
  onClose(node, () => {
    unfollow();
    for (const release of used.values()) void release();
    used.clear();
  });
}

function lease(
  node: Node,
  connection: ConnectionNode,
  badge: Badge,
  onUse: (application: Application) => EndOfUse,
): Application {
  let application: Application | null = null;
  const release = hold(connection, badge, (used) => {
    application = used;
    return onUse(used);
  });
  onClose(node, release);
  return application!;
}

function hold(
  connection: ConnectionNode,
  badge: Badge | null,
  onUse: (application: Application) => EndOfUse,
): () => Promise<void> {
  const lease = connection.acquire();
  const application = lease.value;
  if (badge) badge.simulated = application.simulated;
  badge?.connectionIs(application.status().state);
  const warn = (error: unknown) => connection.warn(asLiveError(error).message);
  const ends: EndOfUse[] = [
    application.onStatus(({ state }) => badge?.connectionIs(state)),
    onUse(application),
  ];
  return async () => {
    const ended: Promise<void>[] = [];
    for (const end of ends) {
      try {
        const ending = end();
        if (ending instanceof Promise) ended.push(ending);
      } catch (error) {
        warn(error);
      }
    }
    if (ended.length) await Promise.all(ended).catch(warn);
    try {
      lease.release();
    } catch (error) {
      warn(error);
    }
  };
}
