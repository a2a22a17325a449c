import { Badge } from '../../red/badges';
import { messageOfEvent } from '../../red/messages';
import { onEvent } from '../../red/on-event';
import { followStream } from '../../red/state-badges';
import { channelChosen, isOfChannels } from '../../red/stream-channels';
import type { ApplicationDef, Node, NodeAPI } from '../../red/types';

interface StreamStartedDef extends ApplicationDef {
  channel?: string;
  present: boolean;
}

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-stream-started', StreamStarted);

  function StreamStarted(this: Node, config: StreamStartedDef): void {
    RED.nodes.createNode(this, config);
    const channels = config.application === 'vmix' ? channelChosen(config.channel) : undefined;
    onEvent(RED, this, config, new Badge(this), {
      present: config.present === true,
      follow: (application, one) => followStream(application, one, channels),
      wants: ({ event, output }) => event === 'stream_started' && isOfChannels(output, channels),
      send: (application, event) => this.send(messageOfEvent(application, event)),
    });
  }
};
