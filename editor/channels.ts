import { anyConnection } from './connections';
import { current, currentText, field, text, whenChanged } from './dialog';

/** As many as any vMix has. */
const CHANNELS = [1, 2, 3, 4, 5];

/** Whether the box of this channel is ticked. */
export function isTicked(node: EditorNode, channel: number): boolean {
  return current(node, `channel${channel}`) === true;
}

/** Whether any channel is ticked. */
export function anyTicked(node: EditorNode): boolean {
  return CHANNELS.some((channel) => isTicked(node, channel));
}

/**
 * Set up the boxes of the streaming channels: those that the chosen vMix has, and any that is ticked. Where a channel also chooses
 * its target, it does so while it is ticked and `choosesTargets` holds, which is asked again when one of `properties` changes.
 */
export function channels(
  node: EditorNode,
  properties: string[] = [],
  choosesTargets: () => boolean = () => true,
): void {
  const targets = CHANNELS.filter((channel) => field(node, `target${channel}`).length > 0);
  for (const channel of targets)
    anyConnection(node, `target${channel}`, text(node, 'targetFrom.vmix-as-set'));
  const most = () => (RED.nodes.node(currentText(node, 'vmix'))?.channels === '3' ? 3 : CHANNELS.length);
  const boxes = CHANNELS.map((channel) => `channel${channel}`);
  whenChanged(node, [...boxes, 'vmix', ...properties], () => {
    for (const channel of CHANNELS)
      field(node, `channel${channel}`)
        .closest('[data-channel]')
        .toggle(channel <= most() || isTicked(node, channel));
    for (const channel of targets)
      field(node, `target${channel}`)
        .closest('.live-goes-to')
        .toggle(isTicked(node, channel) && choosesTargets());
  });
}
