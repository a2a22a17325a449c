import { makeConnection } from '../../red/connection-node';
import { followRuntime } from '../../red/leases';
import { resolveEnv } from '../../red/typed-inputs';
import type { NodeAPI } from '../../red/types';
import { VmixApplication } from '../../lib/vmix/application';
import { NO_EXTRAS, parseVmixExtras, type VmixExtras } from '../../lib/vmix/extras';
import { TCP_PORT, parseVmixSettings, type VmixSettings } from '../../lib/vmix/settings';
import { addVmixRoutes } from './dialog-routes';
import { rehearsal } from './rehearsal';
import type { VmixConnectionDef, VmixConnectionNode } from './types';

type Settings = VmixSettings & VmixExtras;

/** The ports are the simulator's own, found when it runs; only whether there is a TCP port counts. */
const REHEARSAL: Settings = {
  host: 'rehearsal',
  port: 0,
  tcpPort: TCP_PORT,
  user: '',
  password: '',
  ...NO_EXTRAS,
};

export = function (RED: NodeAPI): void {
  followRuntime(RED);
  addVmixRoutes(RED);

  RED.nodes.registerType<VmixConnectionNode, VmixConnectionDef, object, { user?: string; password?: string }>(
    'live-vmix-connection',
    VmixConnection,
    {
      credentials: { user: { type: 'text' }, password: { type: 'password' } },
    },
  );

  function VmixConnection(this: VmixConnectionNode, config: VmixConnectionDef): void {
    RED.nodes.createNode(this, config);
    this.connectTo = config.connectTo === 'rehearsal' ? 'rehearsal' : 'vmix';
    const simulated = this.connectTo === 'rehearsal';
    makeConnection(RED, this, config.name, {
      label: 'vmix connection',
      simulated,
      // also a rehearsal obeys the one thing that somebody has to allow
      rehearsal: { ...REHEARSAL, allowScripts: config.allowScripts === true },
      read: () => readSettings(RED, this, config),
      nameOf: ({ host, port }) =>
        simulated
          ? 'vMix (rehearsal)'
          : `vMix ${this.settings ? host : config.host}:${this.settings ? port : config.port}`,
      open: (settings, about) =>
        new VmixApplication({
          ...settings,
          ...(simulated ? rehearsal(about.id) : {}),
          ...about,
          simulated,
        }).start(),
    });
  }
};

function readSettings(RED: NodeAPI, node: VmixConnectionNode, config: VmixConnectionDef): Settings {
  const text = (field: string, value: unknown) => resolveEnv(RED, node, field, value);
  return {
    ...parseVmixSettings({
      host: text('host', config.host),
      port: text('port', config.port),
      tcpPort: text('TCP port', config.tcpPort),
      user: text('user', node.credentials?.user),
      password: text('password', node.credentials?.password),
    }),
    ...parseVmixExtras({
      channels: text('channels', config.channels),
      pollSeconds: text('poll', config.pollSeconds),
      allowScripts: config.allowScripts === true,
      sharedThere: text('picture folder', config.sharedThere),
      sharedHere: text('picture folder', config.sharedHere),
      logFolder: text('log folder', config.logFolder),
    }),
  };
}
