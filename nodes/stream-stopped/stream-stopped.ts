import { Badge } from '../../red/badges';
import { messageOfEvent } from '../../red/messages';
import { onEvent } from '../../red/on-event';
import { followStream } from '../../red/state-badges';
import { isOfStream, streamChosen, type StreamWish } from '../../red/stream-channels';
import type { ApplicationDef, Node, NodeAPI } from '../../red/types';
import { asLiveError } from '../../lib/errors';

interface StreamStoppedDef extends ApplicationDef {
  channel?: string;
  stream?: string;
  present: boolean;
  which: 'all' | 'unexpected' | 'expected';
}

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-stream-stopped', StreamStopped);

  function StreamStopped(this: Node, config: StreamStoppedDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    let wish: StreamWish;
    try {
      wish = streamChosen(RED, this, config);
    } catch (error) {
      badge.misconfigured();
      this.warn(asLiveError(error).toString());
      return;
    }
    onEvent(RED, this, config, badge, {
      present: config.present === true,
      follow: (application, one) => followStream(application, one, wish),
      wants: ({ event, expected, output }) => {
        if (event !== 'stream_stopped' || !isOfStream(output, wish)) return false;
        if (config.which === 'expected') return expected === true;
        // where nobody can know, somebody should look
        return config.which === 'unexpected' ? expected !== true : true;
      },
      send: (application, event) => this.send(messageOfEvent(application, event)),
    });
  }
};
