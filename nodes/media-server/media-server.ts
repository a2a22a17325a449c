import { fingerprint, followRuntime, leases } from '../../red/leases';
import { onClose } from '../../red/on-close';
import type { Lease } from '../../lib/connection/lease';
import type { NodeAPI } from '../../red/types';
import { asLiveError, fail } from '../../lib/errors';
import { createMediaServer } from '../../lib/media-servers/client';
import { speechOf } from '../../lib/media-servers/speech';
import type { MediaServerClient } from '../../lib/media-servers/types';
import { hold, redactError } from '../../lib/secrets';
import { addMediaServerRoutes } from './dialog-routes';
import { beIngest } from './ingest';
import { RehearsalClient } from './rehearsal';
import { mediaServerSettings, type MediaServerConfig } from './settings';
import type { MediaServerConfigNode, MediaServerDef, MediaServerSecrets } from './types';

export = function (RED: NodeAPI): void {
  followRuntime(RED);
  addMediaServerRoutes(RED);

  RED.nodes.registerType<MediaServerConfigNode, MediaServerDef, object, MediaServerSecrets>(
    'live-media-server',
    MediaServer,
    {
      credentials: { user: { type: 'text' }, password: { type: 'password' }, secret: { type: 'password' } },
    },
  );

  function MediaServer(this: MediaServerConfigNode, config: MediaServerDef): void {
    RED.nodes.createNode(this, config);
    const { id } = this;
    this.fault = null;
    this.settings = null;
    this.simulated = config.kind === 'rehearsal';
    this.speech = null;
    this.hooks = null;
    this.ingest = null;
    if (config.kind === 'ingest') return beIngest(RED, this, config);
    try {
      this.settings = mediaServerSettings(RED, this, config, this.credentials ?? {});
      const { client, hooks, publishAddress, playAddress, apps, otherApps } = this.settings;
      this.speech = speechOf(client.kind);
      Object.assign(this, { hooks, publishAddress, playAddress, apps, otherApps });
    } catch (error) {
      this.fault = redactError(asLiveError(error));
      this.warn(this.fault.toString());
    }
    const { settings } = this;
    // a hook address stands in logs of servers and proxies, and shall not in ours
    const release = hold(settings?.hooks.secret);
    const print = fingerprint({ ...settings?.client, ...(this.simulated ? settings : {}) });

    this.acquire = () => {
      if (!settings) throw this.fault ?? fail('MEDIA_SERVER_MISSING');
      return leases.acquire(id, print, () => open(settings));
    };
    // the guests of a rehearsal come whether or not anybody asks who is there
    const rehearsal: Lease<MediaServerClient> | null = this.simulated && settings ? this.acquire() : null;

    onClose(this, async (removed) => {
      rehearsal?.release();
      release();
      if (removed) await leases.closeNow(id);
    });
  }
};

function open(settings: MediaServerConfig): MediaServerClient {
  return settings.client.kind === 'rehearsal'
    ? new RehearsalClient(settings)
    : createMediaServer(settings.client);
}
