import { closeGuestPage, runGuestPage } from '../../red/guest-page';
import { addGuestQueueRoutes } from '../../red/guest-queue-routes';
import { mediaServer, type GuestQueueNode } from '../../red/guests';
import { fingerprint, followRuntime, leases } from '../../red/leases';
import { onClose } from '../../red/on-close';
import { isStopping } from '../../red/stopping';
import type { NodeAPI } from '../../red/types';
import { asLiveError, fail, LiveError } from '../../lib/errors';
import type { Lease } from '../../lib/connection/lease';
import type { MediaServerClient } from '../../lib/media-servers/types';
import { QueueKeeper, type KeeperUse } from '../../lib/queue/keeper';
import { redactError, redactText } from '../../lib/secrets';
import { queueSettings, type GuestQueueDef, type QueueSettings } from './settings';

export = function (RED: NodeAPI): void {
  followRuntime(RED);
  isStopping(RED);
  addGuestQueueRoutes(RED);
  RED.nodes.registerType('live-guest-queue', GuestQueueConfig as never, {
    credentials: { invitation: { type: 'password' } },
  });

  function GuestQueueConfig(this: GuestQueueNode, config: GuestQueueDef): void {
    RED.nodes.createNode(this, config);
    const { id } = this;
    let settings: QueueSettings | null = null;
    let client: Lease<MediaServerClient> | null = null;
    this.fault = null;
    this.mediaServer = null;
    this.openOperator = config.openOperator === true;
    try {
      settings = queueSettings(RED, this, config);
      this.mediaServer = mediaServer(RED, config.server);
    } catch (error) {
      settings = null;
      this.fault = redactError(asLiveError(error));
      const server = RED.nodes.getNode(config.server) as { fault?: unknown } | null;
      // a media server that makes no sense has said so itself
      if (!server?.fault || server.fault !== error) this.warn(this.fault.toString());
    }

    this.acquire = () => {
      const server = this.mediaServer;
      if (!settings || !server) throw this.fault ?? fail('QUEUE_MISSING');
      const { folder, policy } = settings;
      const isNew = client === null;
      client ??= server.acquire();
      const use: KeeperUse = { policy, server: client.value, apps: server.apps };
      const who = redactText(config.name || id);
      // the queue goes on over every deploy that leaves its folder; the rest of the dialog is brought to it
      const lease = leases.acquire(id, fingerprint({ folder }), () => open(folder, use, who));
      if (isNew) lease.value.renew(use);
      return lease;
    };

    const releasePage = this.fault ? null : runGuestPage(RED, this, config);

    onClose(this, async (removed) => {
      releasePage?.();
      // a deploy keeps the queue running: nodes that use it may close after this
      if (removed || isStopping(RED)) await Promise.all([closeGuestPage(id), leases.closeNow(id)]);
      client?.release();
    });
  }

  function open(folder: string, use: KeeperUse, who: string): QueueKeeper {
    return new QueueKeeper({
      ...use,
      folder,
      // Node-RED's own log: the config node may be another object after a deploy
      tell: (what) => {
        if (what instanceof LiveError) RED.log.warn(`[guest queue:${who}] ${redactError(what).toString()}`);
        else RED.log.info(`[guest queue:${who}] ${redactText(what)}`);
      },
    });
  }
};
