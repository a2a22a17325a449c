import { Badge } from '../../red/badges';
import { messageOfEvent } from '../../red/messages';
import { onEvent } from '../../red/on-event';
import { followStream } from '../../red/state-badges';
import type { ApplicationDef, Node, NodeAPI } from '../../red/types';

interface StreamStoppedDef extends ApplicationDef {
  present: boolean;
  which: 'all' | 'unexpected' | 'expected';
}

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-stream-stopped', StreamStopped);

  function StreamStopped(this: Node, config: StreamStoppedDef): void {
    RED.nodes.createNode(this, config);
    onEvent(RED, this, config, new Badge(this), {
      present: config.present === true,
      follow: followStream,
      wants: ({ event, expected }) => {
        if (event !== 'stream_stopped') return false;
        if (config.which === 'expected') return expected === true;
        // where nobody can know, somebody should look
        return config.which === 'unexpected' ? expected !== true : true;
      },
      send: (application, event) => this.send(messageOfEvent(application, event)),
    });
  }
};
