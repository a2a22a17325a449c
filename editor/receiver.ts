import { anyConnection } from './connections';
import { currentText, showRows, text } from './dialog';
import { filled, optionalReference } from './validators';

/** Whether a media server is chosen that is asked what arrives there. */
export function asksReceiver(node: EditorNode): boolean {
  const chosen = currentText(node, 'mediaServer');
  return chosen !== '' && chosen !== '_ADD_';
}

/** Set up the choice of the media server that is asked what arrives there; a node needs none. */
export function receiver(node: EditorNode): void {
  anyConnection(node, 'mediaServer', text(node, 'common.noMediaServer'));
  showRows(node, ['mediaServer'], { received: () => asksReceiver(node) });
}

/** The media server, or none. */
export function mediaServerVerdict(node: EditorNode, value: unknown): Verdict {
  return optionalReference(node, value, 'mediaServer');
}

/** Which of its streams is meant: `app/stream`; only asked where a media server is chosen. */
export function receivedVerdict(node: EditorNode, value: unknown): Verdict {
  if (!asksReceiver(node)) return true;
  const name = typeof value === 'string' ? value.trim() : '';
  if (name.includes('${') || /^\/?[^/\s?]+\/[^\s?]+$/.test(name)) return true;
  return name === '' ? filled(node, value, 'received') : text(node, 'common.invalid.received');
}
