import { Badge } from '../../red/badges';
import { useApplication } from '../../red/connections';
import { liveOfAction } from '../../red/messages';
import { onInput } from '../../red/on-input';
import type { Node, NodeAPI } from '../../red/types';
import { now } from '../../lib/connection/clock';
import { fail } from '../../lib/errors';
import { applicationName } from '../../lib/production/names';
import type { SourceChanged } from '../../lib/production/sources';
import { ChangeReader, type SetSourceDef } from './change';

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-set-source', SetSource);

  function SetSource(this: Node, config: SetSourceDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    const use = useApplication(RED, this, config, badge);
    const reader = new ChangeReader(RED, this, config);
    onInput(this, badge, async (msg) => {
      const beganAt = now();
      const change = await reader.read(msg);
      const application = await use.ready();
      if (!application.sources)
        throw fail('CAPABILITY_MISSING', {
          application: applicationName(application.kind),
          action: 'changes of sources',
        });
      const payload = await application.sources.set(change);
      return { payload, live: liveOfAction('set-source', application, beganAt, { state: stateOf(payload) }) };
    });
  }
};

/** How it is now, in a word: the text of a lower third and the name of a file are none. */
function stateOf({ what, now }: SourceChanged): string | null {
  if (what === 'text' || what === 'image' || now === null) return null;
  if (typeof now === 'boolean') return now ? 'on' : 'off';
  return typeof now === 'number' ? `${now} dB` : now;
}
