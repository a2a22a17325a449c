import type { ActionDef } from '../../red/types';
import type { PipelinePreset, SourceWish } from '../../lib/production/switching';

export interface SourceDef extends ActionDef {
  scene: string;
  sceneType: string;
  address: string;
  addressType: string;
  action: Action | 'message';
  transition: 'cut' | 'crossfade';
  fadeMs: string;
  slot: string;
  kind: SourceWish['kind'];
  pipeline: PipelinePreset | 'own';
  pipelineText: string;
  width: string;
  height: string;
  place: 'old' | 'from-top';
  fromTop: string;
  readySeconds: string;
  settleMs: string;
  ifBusy: 'newest' | 'queue' | 'reject';
  stallMs: string;
  stableMs: string;
  fallback: string;
}

export const ACTIONS = ['switch', 'prepare', 'take', 'discard', 'clear', 'metrics'] as const;
export type Action = (typeof ACTIONS)[number];
