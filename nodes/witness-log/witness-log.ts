import { fingerprint, followRuntime, leases } from '../../red/leases';
import { onClose } from '../../red/on-close';
import { isStopping } from '../../red/stopping';
import type { NodeAPI } from '../../red/types';
import { asLiveError, fail } from '../../lib/errors';
import { redactError } from '../../lib/secrets';
import { KeptLog } from '../../lib/witness/kept-log';
import { addDialogRoutes } from './dialog-routes';
import { keysOf, type Keys } from './keys';
import { openCountersigner, openLog, tellIn } from './open';
import { logName, logSettings, refusePlainLogin, type LogSettings, type WitnessLogDef } from './settings';
import type { WitnessLogConfigNode } from './types';

/** Node-RED gives a node 15 s to close; a slow disk shall have most of it. */
const CLOSE_MS = 10_000;
/** Nodes that write into the log close before it, where they can. */
const USERS_MS = 4_000;

export = function (RED: NodeAPI): void {
  followRuntime(RED);
  isStopping(RED);
  addDialogRoutes(RED);

  RED.nodes.registerType('live-witness-log', WitnessLogConfig as never, {
    credentials: { key: { type: 'password' }, cosignKey: { type: 'password' } },
  });

  function WitnessLogConfig(this: WitnessLogConfigNode, config: WitnessLogDef): void {
    RED.nodes.createNode(this, config);
    const { id } = this;
    const cosignerId = `cosigner:${id}`;
    let settings: LogSettings | null = null;
    let keys: Keys | null = null;
    this.fault = null;
    this.failOpen = config.ifFailed !== 'stop';
    try {
      RED.nodes.eachNode((saved) => {
        if (saved.id === id) refusePlainLogin(saved);
      });
      settings = logSettings(RED, this, config);
      const { origin, standardOrigin: standard, usualFolder, countersign } = settings;
      // in a folder of its own a log keeps its name; in the usual one, which is called as the node, another name is another log
      const keeps = (had: string) => !usualFolder || lastPart(had) === lastPart(standard);
      const cosigns = countersign !== null;
      keys = keysOf(RED, this, settings.stateFolder, { origin, standard, keeps, cosigns });
      const { recording, needed, folder, stateFolder } = settings;
      const { origin: name, vkey } = { origin: keys.log.verifier.name, vkey: keys.log.verifier.text };
      const trust = { origin: name, vkey, cosigners: settings.cosigners.map((one) => one.vkey) };
      const cosignerVkey = keys.cosigner?.verifier.text ?? null;
      Object.assign(this, { recording, needed, folder, stateFolder, trust, cosignerVkey });
    } catch (error) {
      this.fault = redactError(asLiveError(error));
      this.warn(this.fault.toString());
    }
    const print = fingerprint({ ...settings, keys: keys?.print });
    const tell = tellIn(RED, `witness log:${logName(config)}`);

    this.acquire = () => {
      if (!settings || !keys) throw this.fault ?? fail('WITNESS_LOG_MISSING');
      const [from, own] = [settings, keys];
      return leases.acquire(id, print, () => openLog(from, own, tell));
    };
    this.peek = () => leases.peek(id, print) as KeptLog | null;

    const countersigner = settings && keys && openCountersigner(cosignerId, settings, keys, tell);
    if (!countersigner) void leases.closeNow(cosignerId);
    this.countersigner = countersigner?.value ?? null;

    onClose(
      this,
      async (removed) => {
        countersigner?.release();
        // a deploy keeps the log open: nodes that write into it may close after this
        if (removed || isStopping(RED)) {
          await this.peek()?.whenUnused(USERS_MS);
          await Promise.all([leases.closeNow(id), leases.closeNow(cosignerId)]);
        }
        keys?.release();
      },
      CLOSE_MS,
    );
  }
};

function lastPart(name: string): string | undefined {
  return name.split('/').at(-1);
}
