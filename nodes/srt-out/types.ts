import type { ActionDef, Node } from '../../red/types';

export interface SrtOutDef extends ActionDef {
  action: 'start' | 'stop' | 'arm' | 'disarm' | 'message';
  /** OBS: as its main stream, or beside it */
  sendAs: 'stream' | 'beside';
  /** vMix: which of its outputs, from 1 */
  output: string;
  mode: 'caller' | 'listener';
  host: string;
  hostType: string;
  port: string;
  latencyMs: string;
  secretsFrom: 'here' | 'message';
  /** the names of message properties */
  passphraseProperty: string;
  streamIdProperty: string;
  keyLength: 'auto' | '16' | '24' | '32';
  secondProfile: string;
  videoKbps: string;
  audioKbps: string;
  callerSeconds: string;
  confirmSeconds: string;
}

export type SrtOutNode = Node<{ streamId?: string; passphrase?: string }>;
