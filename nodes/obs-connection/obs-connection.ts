import { makeConnection } from '../../red/connection-node';
import { followRuntime } from '../../red/leases';
import { rehearse } from '../../red/rehearsal';
import { resolveEnv } from '../../red/typed-inputs';
import type { NodeAPI } from '../../red/types';
import { ObsApplication } from '../../lib/obs/application';
import { parseObsSettings, type ObsSettings } from '../../lib/obs/settings';
import { addObsRoutes } from './dialog-routes';
import { startSimulator } from './rehearsal';
import type { ObsConnectionDef, ObsConnectionNode } from './types';

const REHEARSAL: ObsSettings = { host: 'rehearsal', port: 0, tls: false, password: '' };

export = function (RED: NodeAPI): void {
  followRuntime(RED);
  addObsRoutes(RED);

  RED.nodes.registerType<ObsConnectionNode, ObsConnectionDef, object, { password?: string }>(
    'live-obs-connection',
    ObsConnection,
    { credentials: { password: { type: 'password' } } },
  );

  function ObsConnection(this: ObsConnectionNode, config: ObsConnectionDef): void {
    RED.nodes.createNode(this, config);
    this.connectTo = config.connectTo === 'rehearsal' ? 'rehearsal' : 'obs';
    const simulated = this.connectTo === 'rehearsal';
    makeConnection(RED, this, config.name, {
      label: 'obs connection',
      simulated,
      rehearsal: REHEARSAL,
      read: () => readSettings(RED, this, config),
      nameOf: ({ host, port }) =>
        simulated
          ? 'OBS (rehearsal)'
          : `OBS ${this.settings ? host : config.host}:${this.settings ? port : config.port}`,
      open: (settings, about) =>
        new ObsApplication({
          ...settings,
          ...(simulated ? rehearse(about.id, startSimulator, ({ port }) => ({ port })) : {}),
          ...about,
          simulated,
        }).start(),
    });
  }
};

function readSettings(RED: NodeAPI, node: ObsConnectionNode, config: ObsConnectionDef): ObsSettings {
  return parseObsSettings({
    host: resolveEnv(RED, node, 'host', config.host),
    port: resolveEnv(RED, node, 'port', config.port),
    tls: config.tls === true,
    password: resolveEnv(RED, node, 'password', node.credentials?.password),
  });
}
