import { makeConnection } from '../../red/connection-node';
import { streamKeys } from '../../red/guests';
import { followRuntime } from '../../red/leases';
import { onClose } from '../../red/on-close';
import type { NodeAPI } from '../../red/types';
import { guardByKeys } from '../../lib/ingest/keys';
import type { IngestApplication } from '../../lib/ingest/application';
import { openIngest } from '../../lib/ingest/open';
import { hold } from '../../lib/secrets';
import { addIngestRoutes } from './dialog-routes';
import { atPort, guardRehearsal, openRehearsal, rehearsalConfig } from './rehearsal';
import { ingestConfig, type IngestConfig } from './settings';
import type { RtmpIngestDef, RtmpIngestNode } from './types';

/** What stands for settings that make no sense; nothing is opened with it. */
const NONE: IngestConfig = {
  ingest: {
    host: '127.0.0.1',
    port: 1935,
    app: 'live',
    mostPublishers: 10,
    duplicates: 'reject',
    graceMs: 10_000,
    maxWidth: 7680,
    maxHeight: 4320,
    maxKbps: null,
    tls: null,
    play: { allowFrom: [], token: null },
  },
  ownProcess: false,
  ffmpeg: null,
  publishAddress: '',
  playAddress: '',
};

export = function (RED: NodeAPI): void {
  followRuntime(RED);
  addIngestRoutes(RED);

  RED.nodes.registerType('live-rtmp-ingest', RtmpIngestConfig as never, {
    credentials: { playToken: { type: 'password' } },
  });

  function RtmpIngestConfig(this: RtmpIngestNode, config: RtmpIngestDef): void {
    RED.nodes.createNode(this, config);
    const simulated = config.simulate === true;
    makeConnection<IngestConfig, IngestApplication>(RED, this, config.name, {
      label: 'rtmp ingest',
      simulated,
      rehearsal: NONE,
      readsInRehearsal: true,
      read: () => {
        // who may publish is known by keys that make no sense themselves
        if (config.keys) streamKeys(RED, config.keys);
        return (simulated ? rehearsalConfig : ingestConfig)(RED, this, config, this.credentials ?? {});
      },
      nameOf: ({ ingest: { host, port } }) => (simulated ? 'ingest (rehearsal)' : `ingest ${host}:${port}`),
      keeps: ({ ingest: { host, port, app, tls }, ownProcess }) => ({ host, port, app, tls, ownProcess }),
      renew: (opened, settings) => opened.renew(settings),
      open: simulated ? openRehearsal : openIngest,
    });
    const { settings } = this;
    const told = (address: string) =>
      simulated ? atPort(address, this.peek()?.ingest.status().port ?? 0) : address;
    Object.defineProperties(this, {
      publishAddress: { get: () => told(settings?.publishAddress ?? '') },
      playAddress: { get: () => told(settings?.playAddress ?? '') },
    });
    this.app = settings?.ingest.app ?? '';
    if (!settings) return;
    const { play, tls } = settings.ingest;
    const lets = [hold(play.token), hold(tls?.passphrase)];
    const keys = config.keys ? streamKeys(RED, config.keys).acquire() : null;
    lets.push(() => keys?.release());
    // people publish to it whether or not a flow asks who does
    const lease = this.acquire();
    lets.push(() => lease.release());
    if (simulated) lets.push(guardRehearsal(lease.value, keys?.value ?? null));
    else if (keys) lets.push(guardByKeys(lease.value.ingest, keys.value));
    onClose(this, () => {
      for (const letGo of lets.reverse()) letGo();
    });
  }
};
