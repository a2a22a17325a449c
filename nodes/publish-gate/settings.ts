import { guestQueue, mediaServer, streamKeys, type MediaServerNode } from '../../red/guests';
import { targetById } from '../../red/targets';
import { choiceField, numberField, resolveEnv } from '../../red/typed-inputs';
import type { NodeAPI } from '../../red/types';
import type { Lease } from '../../lib/connection/lease';
import { fail } from '../../lib/errors';
import { anyone, byKeys, byToken, inRehearsal, sameSecret, withdrawnBy } from '../../lib/gate/admission';
import type { Asking } from '../../lib/gate/asking';
import { forwardAddress } from '../../lib/gate/forward';
import type { GateOptions } from '../../lib/gate/gate';
import type { Admission } from '../../lib/gate/types';
import type { Tokens } from '../../lib/keys/token';
import type { KeyStore } from '../../lib/keys/types';
import { canPushTo } from '../../lib/media-servers/nginx-rtmp';
import type { Hook } from '../../lib/media-servers/types';
import type { Release } from '../../lib/production/application';
import type { GuestQueue } from '../../lib/queue/guests';
import { hold } from '../../lib/secrets';
import { ADMISSIONS, type PublishGateDef, type PublishGateNode } from './types';

/** The door gives a whole hook 950 ms. */
const LONGEST_ANSWER_MS = 900;
const STANDARD_ANSWER_MS = 800;

/** What a dialog says, with everything that it names leased until `releases` run. */
export interface GateSettings {
  server: MediaServerNode;
  queue: GuestQueue | null;
  admission: PublishGateDef['admission'];
  answerMs: number;
  releases: Release[];
  /** the options that the dialog decides; `asking` where a flow is asked */
  options(asking: Asking): Omit<GateOptions, 'tell' | 'warn' | 'log' | 'memory' | 'now'>;
}

/** Read the dialog. Throws what makes no sense: MEDIA_SERVER_*, KEYS_MISSING, QUEUE_MISSING, STREAM_TARGET_*, CONFIG_*; nothing is leased then. */
export function settingsOf(RED: NodeAPI, node: PublishGateNode, config: PublishGateDef): GateSettings {
  const releases: Release[] = [];
  const leased = <T>(lease: Lease<T>): T => {
    releases.push(() => lease.release());
    return lease.value;
  };
  try {
    const server = mediaServer(RED, config.server);
    const admission = choiceField('admission', config.admission, ADMISSIONS);
    const answerMs = numberField(
      RED,
      node,
      'answer',
      config.answerMs,
      STANDARD_ANSWER_MS,
      50,
      LONGEST_ANSWER_MS,
    );
    const mayPlay = playersOf(RED, node, config, server, releases);
    const forward = forwardOf(config, server);
    const byStore = admission === 'keys' || admission === 'token';
    const keys = byStore ? streamKeys(RED, config.keys) : null;
    const queueNode = config.queue ? guestQueue(RED, config.queue) : null;
    if (queueNode && queueNode.mediaServer?.id !== server.id)
      throw fail('CONFIG_INVALID', {
        field: 'queue',
        reason: 'the guest queue is that of another media server',
      });
    const tokens = keys?.tokens ?? null;
    if (admission === 'token' && !tokens)
      throw fail('CONFIG_INVALID', {
        field: 'admission',
        reason: 'the stream keys have no secret for tokens',
      });
    const store = keys && admission === 'keys' ? leased(keys.acquire()) : null;
    const queue = queueNode ? leased(queueNode.acquire()) : null;
    return {
      server,
      queue,
      admission,
      answerMs,
      releases,
      options: (asking) => ({
        apps: server.apps,
        otherApps: server.otherApps,
        takesOver: server.speech?.kind === 'mediamtx',
        admit: admissionOf(admission, server.simulated, store, tokens, asking),
        withdrawn: store && !server.simulated ? (hook) => withdrawnBy(store, hook) : () => null,
        queue,
        mayPlay,
        forward: (stream) =>
          forward === null || (config.sendOn === 'first' && queue && queue.view().lead?.stream !== stream)
            ? []
            : [forward(stream)],
      }),
    };
  } catch (error) {
    for (const release of releases) release();
    throw error;
  }
}

function admissionOf(
  admission: PublishGateDef['admission'],
  simulated: boolean,
  store: KeyStore | null,
  tokens: Tokens | null,
  asking: Asking,
): Admission {
  if (admission === 'flow') return (hook, leftMs) => asking.ask(hook, leftMs);
  if (admission === 'anyone') return anyone;
  if (simulated) return inRehearsal(store);
  return admission === 'keys' ? byKeys(store!) : byToken(tokens!);
}

/** Who may watch; null: everybody. */
function playersOf(
  RED: NodeAPI,
  node: PublishGateNode,
  config: PublishGateDef,
  { ingest }: MediaServerNode,
  releases: Release[],
): ((hook: Hook) => boolean) | null {
  if (choiceField('players', config.players || 'anyone', ['anyone', 'token']) === 'anyone') return null;
  if (ingest)
    throw fail('CONFIG_INVALID', {
      field: 'players',
      reason: 'who may play from the ingest is set in its own dialog',
    });
  const token = resolveEnv(RED, node, 'token of players', node.credentials?.playToken).trim();
  if (token === '') throw fail('CONFIG_INVALID', { field: 'token of players', reason: 'it is empty' });
  releases.push(hold(token));
  return ({ params }) => sameSecret(params.get('token') ?? '', token);
}

/** The address to send somebody on to; null: nobody is. */
function forwardOf(config: PublishGateDef, server: MediaServerNode): ((stream: string) => string) | null {
  if (!config.target) return null;
  const target = targetById(config.target);
  if (!server.speech)
    throw fail('STREAM_TARGET_INVALID', { target: target.name, reason: 'the ingest sends nobody on' });
  const { kind } = server.speech;
  if (kind === 'mediamtx')
    throw fail('STREAM_TARGET_INVALID', {
      target: target.name,
      reason:
        'MediaMTX sends on by its own configuration (runOnReady, or its path settings), not by its hooks',
    });
  return forwardAddress(target, kind === 'nginx-rtmp' ? canPushTo : () => true);
}
