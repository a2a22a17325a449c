import type { BadgeName } from '../../red/badges';
import { LogBadge } from '../../red/log-badge';
import { onPassing } from '../../red/on-input';
import type { Mark } from '../../red/passage';
import { choiceField, numberField } from '../../red/typed-inputs';
import type { LiveDef, Message, Node, NodeAPI } from '../../red/types';
import { failsOpen, leaseLog, warnOnce, witnessLog, type WitnessLogNode } from '../../red/witness-logs';
import { asLiveError, fail, type LiveError } from '../../lib/errors';
import { redactError } from '../../lib/secrets';
import { quorumOf } from '../../lib/witness/cosign/quorum';
import { sourceText } from '../../lib/witness/entry';
import { entryTypeOf } from '../../lib/witness/entry-type';
import type { KeptLog } from '../../lib/witness/kept-log';
import { PROJECT_LIMITS, projectMessage } from '../../lib/witness/project';
import { CheckpointOutput } from './checkpoints';

interface WitnessDef extends LiveDef {
  log: string;
  checkpoints: 'each' | 'minutes';
  minutes: string;
}

/** A day: an e-mail at least now and then. */
const MOST_MINUTES = 1440;
/** A disk that sleeps is awake by then; a show must not wait for one that hangs. */
const PATIENCE_MS = 5_000;

export = function (RED: NodeAPI): void {
  RED.nodes.registerType('live-witness', WitnessNode);

  function WitnessNode(this: Node, config: WitnessDef): void {
    RED.nodes.createNode(this, config);
    const failOpen = failsOpen(RED, config.log);
    let recorder: Recorder | null = null;
    let fault: LiveError | null = null;
    const badge = new LogBadge(this, () => (recorder ? recorder.badge() : { name: 'misconfigured' }));
    try {
      const log = witnessLog(RED, config.log);
      const often = choiceField('checkpoints', config.checkpoints, ['each', 'minutes'] as const);
      const minutes = numberField(RED, this, 'minutes', config.minutes, 30, 0, MOST_MINUTES);
      recorder = record(this, config, log, often === 'each' ? 0 : minutes * 60_000, badge);
    } catch (error) {
      fault = redactError(asLiveError(error));
      warnOnce(RED, this, config.log, fault);
    }
    badge.now();

    /** The show goes on: what is missing the message says itself; unless it shall stop. */
    const unrecorded = (thrown: unknown): Mark => {
      if (!failOpen) throw thrown;
      const reason = redactError(asLiveError(thrown)).toString();
      return { property: 'witness', value: { seq: null, hash: null, size: null, reason } };
    };
    const take = async (msg: Message): Promise<Mark> => {
      try {
        if (!recorder) throw fault!;
        const value = await recorder.take(msg);
        return { property: 'witness', value };
      } catch (thrown) {
        return unrecorded(thrown);
      } finally {
        badge.soon();
      }
    };
    const late = () => Promise.reject(fail('WITNESS_LATE', { seconds: PATIENCE_MS / 1000 }));
    onPassing(this, take, { ms: PATIENCE_MS, outcome: () => late().catch(unrecorded) }, () => {
      badge.end();
      recorder?.end();
    });
  }
};

interface Recorder {
  /** Looks at the message in this very moment. */
  take(msg: Message): ReturnType<KeptLog['append']>;
  badge(): { name: BadgeName; count?: number };
  end(): void;
}

/** Lease the log, and let output 2 and the badge follow it, until `end`. */
function record(
  node: Node,
  def: WitnessDef,
  config: WitnessLogNode,
  everyMs: number,
  badge: LogBadge,
): Recorder {
  const { recording, trust, needed } = config;
  const limits = { ...PROJECT_LIMITS, text: recording.longestText };
  const source = sourceText({ node: node.id, flow: node.z ?? '', name: def.name });
  const output = new CheckpointOutput(trust.origin, everyMs, (msg) => node.send([null, { ...msg }]));
  const { log, release } = leaseLog(config);
  const releases = [
    log.onStatus(() => badge.now()),
    log.onCheckpoint((told) => {
      output.hear(told);
      badge.now();
    }),
    () => output.end(),
    release,
  ];
  return {
    take: (msg) => log.append(entryTypeOf(msg), projectMessage(msg, recording.fields, limits), source),
    badge: () => badgeOf(log, needed),
    end: () => {
      for (const free of releases) free();
    },
  };
}

/** Red where a cosigner has seen another history of this log; yellow while something is missing: a cosigner, a signature. */
function badgeOf(log: KeptLog, needed: number): { name: BadgeName; count?: number } {
  const { state, log: inside } = log.status();
  if (state === 'failed') return { name: 'failed' };
  if (state !== 'open' || !inside) return { name: 'waiting' };
  const { alarm, met } = quorumOf(inside.cosigners, needed);
  if (alarm) return { name: 'critical' };
  const isMissing = met === false || inside.error !== null;
  return { name: isMissing ? 'entriesUnseen' : 'entries', count: inside.size };
}
