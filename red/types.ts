import type { Node, NodeAPI, NodeDef, NodeMessage, NodeMessageInFlow } from 'node-red';
import type { Application } from '../lib/production/application';
import type { LiveError } from '../lib/errors';
import type { Lease } from '../lib/connection/lease';

export type { Node, NodeAPI, NodeDef };
/** A message in a flow: anything may hang on it. */
export type Message = NodeMessageInFlow & NodeMessage & Record<string, unknown>;

/** What every saved node has. */
export interface LiveDef extends NodeDef {
  configVersion?: number;
}

/** A node on one application: which one, and its connection. Those of the others are empty. */
export interface ApplicationDef extends LiveDef {
  application?: string;
  obs?: string;
  vmix?: string;
  ingest?: string;
}

/** A node that acts: how long to wait for a connection that is not there. */
export interface ActionDef extends ApplicationDef {
  waitSeconds?: string;
}

/** A config node that connects to an application. */
export interface ConnectionNode extends Node<object> {
  /** why it cannot connect at all; null when its settings make sense */
  fault: LiveError | null;
  simulated: boolean;
  /** what it connects to, as one comparable text in which no secret can be read */
  print: string;
  acquire(): Lease<Application & { close(): Promise<void> }>;
}

/** `msg.live`: what is known of what a node did or saw, beside the payload. */
export type Live = Record<string, unknown>;
