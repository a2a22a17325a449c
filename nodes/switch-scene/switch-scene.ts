import { Badge } from '../../red/badges';
import { useApplication } from '../../red/connections';
import { liveOfAction } from '../../red/messages';
import { onInput } from '../../red/on-input';
import { InOrder, choiceField, numberField, resolveEnv, typedText } from '../../red/typed-inputs';
import type { ActionDef, Node, NodeAPI } from '../../red/types';
import { now } from '../../lib/connection/clock';
import { fail } from '../../lib/errors';
import { applicationName } from '../../lib/production/names';

interface SwitchSceneDef extends ActionDef {
  scene: string;
  sceneType: string;
  to: 'program' | 'preview' | 'transition';
  transition: string;
  durationMs: string;
}

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-switch-scene', SwitchScene);

  function SwitchScene(this: Node, config: SwitchSceneDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    const use = useApplication(RED, this, config, badge);

    const order = new InOrder();
    onInput(this, badge, async (msg) => {
      const beganAt = now();
      const to = choiceField('switch', config.to, ['program', 'preview', 'transition']);
      const scene = await order.run(() => typedText(RED, this, 'scene', config.scene, config.sceneType, msg));
      if (scene === null) throw fail('INPUT_INVALID', { field: 'scene', reason: 'it is empty' });
      const transition = resolveEnv(RED, this, 'transition', config.transition) || null;
      const durationMs = numberField(RED, this, 'duration', config.durationMs, 0) || null;
      const application = await use.ready();
      if (!application.scenes)
        throw fail('CAPABILITY_MISSING', {
          application: applicationName(application.kind),
          action: 'scenes',
        });
      const payload = await application.scenes.switchTo({ scene, to, transition, durationMs });
      // two inputs may have the same title
      const stayed = payload.alreadyThere ?? payload.from === payload.to;
      const event = to === 'preview' || stayed ? undefined : ('scene_changed' as const);
      return {
        payload,
        live: liveOfAction('switch-scene', application, beganAt, { state: payload.to, event }),
      };
    });
  }
};
