import { post } from './requests';

/**
 * Open the timeline of a deployed frame store in a new tab. A tab sends no login of the editor's, so the runtime is asked for a ticket first, which the page
 * exchanges once; it stands behind the # of the address, which no server sees, and only until the page has read it.
 */
export function openTimeline(node: EditorNode): void {
  // browsers open tabs only in the moment of the click
  const tab = window.open('about:blank', '_blank');
  if (tab) tab.opener = null;
  void post<{ path: string }>(node, 'timeline/ticket', { id: node.id }).then((answer) => {
    if (answer.ok && tab) return tab.location.replace(new URL(answer.path, document.baseURI).href);
    tab?.close();
    if (!answer.ok) RED.notify(answer.message, { type: 'error' });
  });
}
