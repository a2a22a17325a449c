import { Badge } from '../../red/badges';
import { messageOfEvent } from '../../red/messages';
import { onEvent } from '../../red/on-event';
import { followStream } from '../../red/state-badges';
import type { ApplicationDef, Node, NodeAPI } from '../../red/types';

interface StreamStartedDef extends ApplicationDef {
  present: boolean;
}

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-stream-started', StreamStarted);

  function StreamStarted(this: Node, config: StreamStartedDef): void {
    RED.nodes.createNode(this, config);
    onEvent(RED, this, config, new Badge(this), {
      present: config.present === true,
      follow: followStream,
      wants: ({ event }) => event === 'stream_started',
      send: (application, event) => this.send(messageOfEvent(application, event)),
    });
  }
};
