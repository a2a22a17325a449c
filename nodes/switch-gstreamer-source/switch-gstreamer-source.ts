import { Badge } from '../../red/badges';
import { useApplication } from '../../red/connections';
import { onInput } from '../../red/on-input';
import { followSource } from '../../red/state-badges';
import { InOrder } from '../../red/typed-inputs';
import type { Node, NodeAPI } from '../../red/types';
import { now } from '../../lib/connection/clock';
import { asLiveError, fail } from '../../lib/errors';
import { applicationName } from '../../lib/production/names';
import type { SwitchProgress, SwitchUse } from '../../lib/production/switching';
import { act, failed, told } from './act';
import type { SourceDef } from './types';
import { askedFor, fixedPlace, watchOf } from './wish';

/** What is held of addresses: the one on air, one that is prepared, and one before each. */
const ADDRESSES_HELD = 4;

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-switch-gstreamer-source', SwitchSource);

  function SwitchSource(this: Node, config: SourceDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    const place = fixedPlace(RED, this, config);
    const held: (() => void)[] = [];
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
        for (const release of held.splice(0)) release();
      };
    });

    const order = new InOrder();
    const keep = (release: () => void) => {
      held.push(release);
      if (held.length > ADDRESSES_HELD) held.shift()?.();
    };

    onInput(this, badge, async (msg, work) => {
      const beganAt = now();
      const asked = await order.run(() => askedFor(RED, this, config, msg, work, keep));
      const application = asked.action === 'metrics' ? use.get() : await use.ready();
      if (!switching)
        throw fail('CAPABILITY_MISSING', {
          application: applicationName(application.kind),
          action: 'source switching',
        });
      const step = (progress: SwitchProgress) => {
        if (progress.state !== 'idle') badge.stepIs(progress.state);
        work.interim(told(asked, application, beganAt, progress));
      };
      try {
        return await act(switching, asked, application, beganAt, step);
      } catch (error) {
        // Catch is given no details of an error, and whoever keeps a list of guests needs this one
        msg.live = failed(asked, application, beganAt, error);
        throw error;
      }
    });
  }
};
