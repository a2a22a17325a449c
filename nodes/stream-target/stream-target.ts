import { onClose } from '../../red/on-close';
import { announceTarget } from '../../red/targets';
import { resolveEnv } from '../../red/typed-inputs';
import type { LiveDef, Node, NodeAPI } from '../../red/types';
import { asLiveError, type LiveError } from '../../lib/errors';
import { serviceOf } from '../../lib/production/services';
import type { ServiceId, StreamTarget } from '../../lib/production/targets';
import { hold } from '../../lib/secrets';

interface StreamTargetDef extends LiveDef {
  service: ServiceId;
  server: string;
}

type StreamTargetNode = Node<{ key?: string; user?: string; password?: string }>;

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-stream-target', StreamTargetConfig as never, {
    credentials: { key: { type: 'password' }, user: { type: 'text' }, password: { type: 'password' } },
  });

  function StreamTargetConfig(this: StreamTargetNode, config: StreamTargetDef): void {
    RED.nodes.createNode(this, config);
    const name = config.name || this.id;
    let fault: LiveError | null = null;
    let target: StreamTarget = { name, service: config.service, server: '', key: '', user: '', password: '' };
    try {
      const credential = (field: 'key' | 'user' | 'password') =>
        resolveEnv(RED, this, field, this.credentials[field]).trim();
      target = {
        ...target,
        server: resolveEnv(RED, this, 'server', config.server),
        key: credential('key'),
        user: credential('user'),
        password: credential('password'),
      };
      serviceOf(target);
    } catch (error) {
      fault = asLiveError(error);
      this.warn(fault.toString());
    }
    const releases = [hold(target.key), hold(target.password), announceTarget(this.id, { target, fault })];
    onClose(this, () => {
      for (const release of releases) release();
    });
  }
};
