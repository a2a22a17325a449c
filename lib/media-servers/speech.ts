import { mediamtxSpeech } from './mediamtx';
import { nginxRtmpSpeech } from './nginx-rtmp';
import { oryxSpeech } from './oryx';
import { srsSpeech } from './srs';
import type { HookSpeech, MediaServerKind } from './types';

const SPEECHES: Readonly<Record<MediaServerKind, HookSpeech>> = {
  srs: srsSpeech,
  oryx: oryxSpeech,
  'nginx-rtmp': nginxRtmpSpeech,
  mediamtx: mediamtxSpeech,
  rehearsal: { ...srsSpeech, kind: 'rehearsal' },
};

/** How the hooks of this kind of media server are read and answered. */
export function speechOf(kind: MediaServerKind): HookSpeech {
  return SPEECHES[kind];
}
