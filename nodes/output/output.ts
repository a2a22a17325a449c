import { Badge } from '../../red/badges';
import { useApplication } from '../../red/connections';
import { liveOfAction } from '../../red/messages';
import { onInput } from '../../red/on-input';
import { actionFrom, choiceField, resolveEnv } from '../../red/typed-inputs';
import type { ActionDef, Node, NodeAPI } from '../../red/types';
import { now } from '../../lib/connection/clock';
import { fail } from '../../lib/errors';
import type { EventName } from '../../lib/production/vocabulary';
import { applicationName } from '../../lib/production/names';

const ACTIONS = ['start', 'stop', 'save'] as const;
type Action = (typeof ACTIONS)[number];

interface OutputDef extends ActionDef {
  output: 'virtualcam' | 'replay_buffer' | 'other' | 'external' | 'multicorder' | 'fullscreen';
  outputName: string;
  action: Action | 'message';
}

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-output', Output);

  function Output(this: Node, config: OutputDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    const use = useApplication(RED, this, config, badge);

    onInput(this, badge, async (msg) => {
      const beganAt = now();
      const name =
        config.output === 'other' ? resolveEnv(RED, this, 'output', config.outputName) : config.output;
      if (!name)
        throw fail('CONFIG_INVALID', { field: 'output', reason: 'it is empty; choose one from the list' });
      const action =
        config.action === 'message'
          ? actionFrom(msg, ACTIONS)
          : choiceField('action', config.action, ACTIONS);
      if (action === 'save' && name !== 'replay_buffer')
        throw fail('INPUT_INVALID', { field: 'action', reason: 'only the replay buffer can be saved' });
      const application = await use.ready();
      const { outputs } = application;
      if (!outputs)
        throw fail('CAPABILITY_MISSING', {
          application: applicationName(application.kind),
          action: 'other outputs',
        });
      const payload =
        action === 'save'
          ? await outputs.save()
          : action === 'start'
            ? await outputs.start(name)
            : await outputs.stop(name);
      return {
        payload,
        live: liveOfAction(`output-${action}`, application, beganAt, {
          output: name,
          state: payload.state,
          event: action !== 'save' && payload.was === payload.state ? undefined : eventOf(name, action),
        }),
      };
    });
  }
};

function eventOf(name: string, action: Action): EventName {
  if (action === 'save') return 'replay_saved';
  if (name === 'virtualcam') return action === 'start' ? 'virtualcam_started' : 'virtualcam_stopped';
  return action === 'start' ? 'output_started' : 'output_stopped';
}
