import { Badge } from '../../red/badges';
import { messageOfEvent } from '../../red/messages';
import { onEvent } from '../../red/on-event';
import { followStream } from '../../red/state-badges';
import { channelChosen, isOfChannels } from '../../red/stream-channels';
import type { ApplicationDef, Node, NodeAPI } from '../../red/types';

interface StreamStoppedDef extends ApplicationDef {
  channel?: string;
  present: boolean;
  which: 'all' | 'unexpected' | 'expected';
}

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-stream-stopped', StreamStopped);

  function StreamStopped(this: Node, config: StreamStoppedDef): void {
    RED.nodes.createNode(this, config);
    const channels = config.application === 'vmix' ? channelChosen(config.channel) : undefined;
    onEvent(RED, this, config, new Badge(this), {
      present: config.present === true,
      follow: (application, one) => followStream(application, one, channels),
      wants: ({ event, expected, output }) => {
        if (event !== 'stream_stopped' || !isOfChannels(output, channels)) return false;
        if (config.which === 'expected') return expected === true;
        // where nobody can know, somebody should look
        return config.which === 'unexpected' ? expected !== true : true;
      },
      send: (application, event) => this.send(messageOfEvent(application, event)),
    });
  }
};
