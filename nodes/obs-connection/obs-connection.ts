import { announceConnection } from '../../red/connections';
import { fingerprint, followRuntime, leases } from '../../red/leases';
import { onClose } from '../../red/on-close';
import { resolveEnv } from '../../red/typed-inputs';
import type { NodeAPI } from '../../red/types';
import { asLiveError } from '../../lib/errors';
import { redactError } from '../../lib/secrets';
import { ObsApplication } from '../../lib/obs/application';
import { parseObsSettings, type ObsSettings } from '../../lib/obs/settings';
import { addDialogRoutes } from './dialog-routes';
import { Rehearsal } from './rehearsal';
import type { ObsConnectionDef, ObsConnectionNode } from './types';

const REHEARSAL: ObsSettings = { host: 'rehearsal', port: 0, tls: false, password: '' };

export = function (RED: NodeAPI): void {
  followRuntime(RED);
  addDialogRoutes(RED);

  RED.nodes.registerType<ObsConnectionNode, ObsConnectionDef, object, { password?: string }>(
    'live-obs-connection',
    ObsConnection,
    { credentials: { password: { type: 'password' } } },
  );

  function ObsConnection(this: ObsConnectionNode, config: ObsConnectionDef): void {
    RED.nodes.createNode(this, config);
    this.connectTo = config.connectTo === 'rehearsal' ? 'rehearsal' : 'obs';
    this.simulated = this.connectTo === 'rehearsal';
    this.fault = null;
    this.settings = null;
    try {
      this.settings = this.simulated ? REHEARSAL : readSettings(RED, this, config);
    } catch (error) {
      this.fault = redactError(asLiveError(error));
      this.warn(this.fault.toString());
    }
    const { id, settings } = this;
    const name =
      config.name ||
      (this.simulated
        ? 'OBS (rehearsal)'
        : `OBS ${settings?.host ?? config.host}:${settings?.port ?? config.port}`);
    const print = fingerprint({ simulated: this.simulated, ...settings });
    this.print = print;

    this.acquire = () => {
      const lease = leases.acquire(id, print, () => open(this, settings ?? REHEARSAL));
      lease.value.name = name;
      return lease;
    };
    this.peek = () => leases.peek(id, print) as ObsApplication | null;
    const takeBack = announceConnection(this);
    onClose(this, async (removed) => {
      takeBack();
      if (removed) await leases.closeNow(id);
    });

    function open(node: ObsConnectionNode, from: ObsSettings): ObsApplication {
      const rehearsal = node.simulated ? new Rehearsal(id) : null;
      // the node may be another object after a deploy, so the log is Node-RED's own
      const log = (level: 'info' | 'warn', text: string) =>
        RED.log[level](`[obs connection:${name}] ${text}`);
      return new ObsApplication({
        ...from,
        ...rehearsal?.options,
        id,
        name,
        simulated: node.simulated,
        log,
      }).start();
    }
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
