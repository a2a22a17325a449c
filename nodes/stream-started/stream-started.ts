import { Badge } from '../../red/badges';
import { messageOfEvent } from '../../red/messages';
import { onEvent } from '../../red/on-event';
import { followStream } from '../../red/state-badges';
import { isOfStream, streamChosen, type StreamWish } from '../../red/stream-channels';
import type { ApplicationDef, Node, NodeAPI } from '../../red/types';
import { asLiveError } from '../../lib/errors';

interface StreamStartedDef extends ApplicationDef {
  channel?: string;
  stream?: string;
  present: boolean;
}

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-stream-started', StreamStarted);

  function StreamStarted(this: Node, config: StreamStartedDef): void {
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
      wants: ({ event, output }) => event === 'stream_started' && isOfStream(output, wish),
      send: (application, event) => this.send(messageOfEvent(application, event)),
    });
  }
};
