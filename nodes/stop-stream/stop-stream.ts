import { Badge } from '../../red/badges';
import { useApplication } from '../../red/connections';
import { liveOfAction } from '../../red/messages';
import { onInput } from '../../red/on-input';
import { followStream } from '../../red/state-badges';
import { outputNames, tickedChannels, type ChannelsDef } from '../../red/stream-channels';
import type { Node, NodeAPI } from '../../red/types';
import { now } from '../../lib/connection/clock';
import { fail } from '../../lib/errors';
import { applicationName } from '../../lib/production/names';

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-stop-stream', StopStream);

  function StopStream(this: Node, config: ChannelsDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    const ticked = config.application === 'vmix' ? tickedChannels(config) : [];
    // none ticked: all that are live
    const channels = ticked.length > 0 ? ticked : undefined;
    const use = useApplication(RED, this, config, badge, (application) =>
      followStream(application, badge, { channels }),
    );

    onInput(this, badge, async () => {
      const beganAt = now();
      use.get().cancelStarts('stream', channels);
      const application = await use.ready();
      if (!application.streams)
        throw fail('CAPABILITY_MISSING', {
          application: applicationName(application.kind),
          action: 'stream',
        });
      const payload = await application.streams.stop(channels);
      return {
        payload,
        live: liveOfAction('stop-stream', application, beganAt, {
          output: outputNames(payload.streams),
          state: payload.state,
          event: payload.wasRunning ? 'stream_stopped' : undefined,
        }),
      };
    });
  }
};
