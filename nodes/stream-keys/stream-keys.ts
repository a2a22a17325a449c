import { join, resolve } from 'node:path';
import type { StreamKeysNode } from '../../red/guests';
import { fingerprint, followRuntime, leases } from '../../red/leases';
import { onClose } from '../../red/on-close';
import { isStopping } from '../../red/stopping';
import { numberField, resolveEnv } from '../../red/typed-inputs';
import type { LiveDef, NodeAPI } from '../../red/types';
import { userFolder } from '../../red/user-folder';
import { asLiveError, fail } from '../../lib/errors';
import { MOST_PEOPLE, StoredKeys } from '../../lib/keys/store';
import { tokensOf } from '../../lib/keys/token';
import { hold, redactError, redactText } from '../../lib/secrets';
import { addDialogRoutes } from './dialog-routes';

interface StreamKeysDef extends LiveDef {
  folder: string;
  mostPeople: string;
}

/** More people than any show has guests, and the file is still written within a blink. */
const USUAL_MOST = 1000;

export = function (RED: NodeAPI): void {
  followRuntime(RED);
  isStopping(RED);
  addDialogRoutes(RED);

  RED.nodes.registerType('live-stream-keys', StreamKeysConfig as never, {
    credentials: { tokenSecret: { type: 'password' } },
  });

  function StreamKeysConfig(
    this: StreamKeysNode & { credentials: { tokenSecret?: string } },
    config: StreamKeysDef,
  ): void {
    RED.nodes.createNode(this, config);
    const { id } = this;
    let settings: { path: string; mostPeople: number } | null = null;
    let tokenSecret = '';
    this.fault = null;
    this.tokens = null;
    try {
      const folder = resolveEnv(RED, this, 'folder', config.folder).trim();
      const user = userFolder(RED);
      const usual = join(user, 'live-production', `keys-${id.replace(/[^\w-]/g, '_')}`);
      settings = {
        path: join(folder ? resolve(user, folder) : usual, 'people.json'),
        mostPeople: Math.round(
          numberField(RED, this, 'most people', config.mostPeople, USUAL_MOST, 1, MOST_PEOPLE),
        ),
      };
      tokenSecret = resolveEnv(RED, this, 'token secret', this.credentials?.tokenSecret).trim();
      if (tokenSecret !== '') this.tokens = tokensOf(tokenSecret);
    } catch (error) {
      settings = null;
      this.fault = redactError(asLiveError(error));
      this.warn(this.fault.toString());
    }
    const release = hold(tokenSecret);
    const print = fingerprint({ ...settings });
    const name = config.name || id;

    this.acquire = () => {
      if (!settings) throw this.fault ?? fail('KEYS_MISSING');
      const from = settings;
      return leases.acquire(
        id,
        print,
        () =>
          new StoredKeys({
            ...from,
            // Node-RED's own log: this node may be another object after a deploy
            warn: (fault) =>
              RED.log.warn(`[stream keys:${redactText(name)}] ${redactError(fault).toString()}`),
          }),
      );
    };

    onClose(this, async (removed) => {
      // a deploy keeps the store open: nodes that use it may close after this
      if (removed || isStopping(RED)) await leases.closeNow(id);
      release();
    });
  }
};
