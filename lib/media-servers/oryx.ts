import { reading } from './read-hook';
import { srsHook, srsReply } from './srs';
import type { HookSpeech } from './types';

/**
 * Oryx: its own callback has no client id and no address, and no arguments on unpublish; an Oryx whose SRS sends its hooks here itself
 * speaks as SRS does. Only status 200 lets somebody in (platform/callback.go).
 */
export const oryxSpeech: HookSpeech = {
  kind: 'oryx',
  parse: (request) => reading(() => srsHook(request, false)),
  reply: srsReply,
};
