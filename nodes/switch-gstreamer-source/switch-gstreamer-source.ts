import { Badge } from '../../red/badges';
import { useApplication } from '../../red/connections';
import { onClose } from '../../red/on-close';
import { onInput, type Result, type Work } from '../../red/on-input';
import { followSource } from '../../red/state-badges';
import { InOrder } from '../../red/typed-inputs';
import type { Message, Node, NodeAPI } from '../../red/types';
import { now } from '../../lib/connection/clock';
import { asLiveError, fail } from '../../lib/errors';
import type { Application } from '../../lib/production/application';
import { applicationName } from '../../lib/production/names';
import type { SwitchProgress, SwitchUse } from '../../lib/production/switching';
import { act, failed, tellUnbegun, told } from './act';
import { HeldAddresses, type Keep } from './held';
import type { SourceDef } from './types';
import { askedFor, fixedPlace, turnOf, watchOf, type Asked } from './wish';

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-switch-gstreamer-source', SwitchSource);

  function SwitchSource(this: Node, config: SourceDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    const place = fixedPlace(RED, this, config);
    const held = new HeldAddresses();
    onClose(this, () => held.close());
    let switching: SwitchUse | null = null;
    /** What is on air already is watched again, as after a restart of Node-RED. */
    const watchAtStart = (mine: SwitchUse | null) => {
      const putsOnAir = ['switch', 'take', 'message'].includes(config.action);
      if (!mine || !place || !putsOnAir) return [];
      try {
        return [mine.watch(place, watchOf(RED, this, config))];
      } catch (error) {
        // the first message hears of it as well
        this.warn(asLiveError(error).message);
        return [];
      }
    };

    const use = useApplication(RED, this, config, badge, (application) => {
      const mine = application.switching?.use() ?? null;
      switching = mine;
      const ends = [followSource(application, badge, () => place), ...watchAtStart(mine)];
      return async () => {
        for (const end of ends) end();
        await mine?.release();
        held.letGo();
      };
    });

    const order = new InOrder();

    const onMessage = async (msg: Message, work: Work, keep: Keep): Promise<Result> => {
      const beganAt = now();
      const turn = turnOf(msg);
      const begin = async (): Promise<[Asked, Application, SwitchUse]> => {
        const asked = await order.run(() => askedFor(RED, this, config, msg, work, keep));
        const application = asked.action === 'metrics' ? use.get() : await use.ready();
        if (switching) return [asked, application, switching];
        throw fail('CAPABILITY_MISSING', {
          application: applicationName(application.kind),
          action: 'source switching',
        });
      };
      const [asked, application, mine] = await begin().catch((error: unknown) => {
        tellUnbegun(use, place, turn, error);
        throw error;
      });
      const step = (progress: SwitchProgress) => {
        if (progress.state !== 'idle') badge.stepIs(progress.state);
        work.interim(told(asked, application, beganAt, progress));
      };
      try {
        return await act(mine, asked, application, beganAt, step);
      } catch (error) {
        // Catch is given no details of an error, and whoever keeps a list of guests needs this one; a frozen message goes without
        Reflect.set(msg, 'live', failed(asked, application, beganAt, error));
        throw error;
      }
    };
    onInput(this, badge, (msg, work) => held.during((keep) => onMessage(msg, work, keep)));
  }
};
