import type { ObsApplication } from '../../lib/obs/application';
import type { ObsSettings } from '../../lib/obs/settings';
import type { DeployedConnection } from '../../red/connection-node';
import type { LiveDef } from '../../red/types';

export interface ObsConnectionDef extends LiveDef {
  connectTo: 'obs' | 'rehearsal';
  host: string;
  port: string;
  tls: boolean;
}

/** A deployed connection, as its own routes and other nodes see it. */
export interface ObsConnectionNode extends DeployedConnection<ObsSettings, ObsApplication> {
  credentials: { password?: string };
  connectTo: ObsConnectionDef['connectTo'];
}
