import { Badge } from '../../red/badges';
import { connectionId, useApplication } from '../../red/connections';
import { fingerprint, leases } from '../../red/leases';
import { liveOfAction } from '../../red/messages';
import { onClose } from '../../red/on-close';
import { onInput } from '../../red/on-input';
import { followReceiver } from '../../red/receivers';
import { streamChosen } from '../../red/stream-channels';
import { numberField } from '../../red/typed-inputs';
import type { ConnectionNode, Node, NodeAPI } from '../../red/types';
import { whenStarted } from '../../red/when-started';
import { now } from '../../lib/connection/clock';
import { asLiveError, fail } from '../../lib/errors';
import { HealthMonitor } from '../../lib/health/monitor';
import { HealthWatch } from '../../lib/health/watch';
import type { Application, Release } from '../../lib/production/application';
import type { HealthSource } from '../../lib/production/health';
import { redactError } from '../../lib/secrets';
import { applicationName } from '../../lib/production/names';
import { commandOf } from './commands';
import { healthOptions, wishOf, type HealthAlertDef } from './options';
import { alertMessage, badgeOf } from './telling';

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-health-alert', HealthAlertNode);

  function HealthAlertNode(this: Node, config: HealthAlertDef): void {
    RED.nodes.createNode(this, config);
    const badge = new Badge(this);
    const key = `health:${this.id}`;
    let watch: HealthWatch | null = null;
    let fault = fail('CONNECTION_MISSING');

    const live = (application: Application, action: string, beganAt: number) =>
      liveOfAction(action, application, beganAt, {
        state: watch!.verdict,
        confirmedBy: application.status().state === 'ready' ? 'application' : null,
      });

    /** Once the dialog makes sense: watch, and tell what the watch finds. */
    const begin = (application: Application, { watches }: HealthSource): Release => {
      const sampleMs = numberField(RED, this, 'samples', config.sampleSeconds, 0, 0, 86_400) * 1000;
      const options = healthOptions(RED, this, config, watches);
      const { print } = RED.nodes.getNode(connectionId(config)) as ConnectionNode;
      const { stream = null } = streamChosen(RED, this, config);
      // first, since it throws where the rules make no sense
      const monitor = new HealthMonitor(options);
      const followed = followReceiver(RED, this, config);
      const asks = [config.mediaServer, config.received];
      const settings = fingerprint({ ...options, connection: connectionId(config), print, asks, stream });
      const lease = leases.acquire(
        key,
        settings,
        () => new HealthWatch(monitor, { ...wishOf(options), stream }),
      );
      const mine = (watch = lease.value);
      let nextSampleMs = 0;
      let detach: Release = () => undefined;
      const unwait = whenStarted(RED, () => {
        detach = mine.attach(application, {
          pictures: config.attachPicture === true,
          ...(followed && { receiver: () => followed.receiver.read() }),
          alert: (alert, event, picture) => this.send(alertMessage(application, alert, event, picture)),
          reading: ({ atMs }) => {
            badge.standsAt(application.status().state, badgeOf(application, mine));
            if (sampleMs === 0 || atMs < nextSampleMs) return;
            // a reading that comes a little early belongs to this sample, not to the next
            nextSampleMs = atMs + sampleMs - Math.min(200, sampleMs / 5);
            const payload = mine.report();
            this.send([null, { topic: 'health', payload, live: live(application, 'health', now()) }]);
          },
        });
      });
      return () => {
        unwait();
        detach();
        followed?.release();
        lease.release();
      };
    };

    const use = useApplication(RED, this, config, badge, (application) => {
      try {
        if (!application.health)
          throw fail('CAPABILITY_MISSING', {
            application: applicationName(application.kind),
            action: 'health alert',
          });
        return begin(application, application.health);
      } catch (error) {
        fault = redactError(asLiveError(error));
        badge.misconfigured();
        this.warn(fault.toString());
        return () => undefined;
      }
    });
    // what was watched with other settings is over
    if (!watch) void leases.closeNow(key);
    onClose(this, (removed) => (removed ? leases.closeNow(key) : undefined));

    onInput(this, badge, (msg) => {
      const beganAt = now();
      const { action, run } = commandOf(msg);
      const application = use.get();
      if (!watch) throw fault;
      const payload = run(watch);
      return Promise.resolve({ payload, live: live(application, `health-${action}`, beganAt), output: 2 });
    });
  }
};
