import type { DeployedConnection } from '../../red/connection-node';
import type { LiveDef } from '../../red/types';
import type { VmixApplication } from '../../lib/vmix/application';
import type { VmixExtras } from '../../lib/vmix/extras';
import type { VmixSettings } from '../../lib/vmix/settings';

export interface VmixConnectionDef extends LiveDef {
  connectTo: 'vmix' | 'rehearsal';
  host: string;
  port: string;
  tcpPort: string;
  channels: string;
  pollSeconds: string;
  allowScripts: boolean;
  sharedThere: string;
  sharedHere: string;
  logFolder: string;
}

/** A deployed connection, as its own routes and other nodes see it. */
export interface VmixConnectionNode extends DeployedConnection<VmixSettings & VmixExtras, VmixApplication> {
  credentials: { user?: string; password?: string };
  connectTo: VmixConnectionDef['connectTo'];
}
