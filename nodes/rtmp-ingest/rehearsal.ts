import { randomBytes } from 'node:crypto';
import type { Node, NodeAPI } from '../../red/types';
import { sameSecret } from '../../lib/gate/admission';
import type { IngestApplication, IngestApplicationOptions } from '../../lib/ingest/application';
import { openIngest } from '../../lib/ingest/open';
import type { KeyStore } from '../../lib/keys/types';
import type { Release } from '../../lib/production/application';
import { hold } from '../../lib/secrets';
import type { TestPublishers } from '../../simulators/publishers';
import { ingestConfig, type IngestConfig } from './settings';
import type { RtmpIngestDef, RtmpIngestSecrets } from './types';

/** Enough to keep streams apart, and no more than a small computer decodes. */
const STREAMS = 3;
const HOST = '127.0.0.1';

/** Nobody else on this machine gets in: 144 bits that nobody is told, for as long as this process lives. */
const secret = randomBytes(18).toString('base64url');

/**
 * What of a dialog counts in a rehearsal: not how others reach the ingest, nor how large their pictures may be. Throws CONFIG_INVALID or
 * CONFIG_ENV_MISSING for the rest.
 */
export function rehearsalConfig(
  RED: NodeAPI,
  node: Node,
  config: RtmpIngestDef,
  secrets: RtmpIngestSecrets,
): IngestConfig {
  const here = { host: HOST, port: '', tls: '', playFrom: '', publishAddress: '', ownProcess: false };
  const read = ingestConfig(
    RED,
    node,
    { ...config, ...here, maxWidth: '', maxHeight: '', maxKbps: '' },
    secrets,
  );
  return { ...read, ingest: { ...read.ingest, port: 0 } };
}

/** Where a rehearsal really listens, in place of the usual port. */
export function atPort(address: string, port: number): string {
  return address.replace(/^(rtmp:\/\/127\.0\.0\.1)(?::\d+)?\//, `$1:${port}/`);
}

/** The names of the test streams: the first people who have a key, and `test-2`, `test-3` … in the places of who is missing. */
export function testNames(store: KeyStore | null): string[] {
  const people = (store?.list() ?? []).filter(({ active }) => active).map(({ id }) => id);
  const first = people.slice(0, STREAMS);
  const invented = Array.from({ length: STREAMS }, (_, place) => `test-${place + 1}`);
  const free = invented.filter((name) => !first.includes(name));
  return [...first, ...free.slice(free.length - (STREAMS - first.length))];
}

interface Rehearsal {
  names: readonly string[];
  publishers: TestPublishers | null;
}

const rehearsals = new WeakMap<IngestApplication, Rehearsal>();

/** The very ingest of the show, on a free port of this machine; test streams come as soon as it listens. */
export function openRehearsal(
  settings: IngestConfig,
  about: Pick<IngestApplicationOptions, 'id' | 'name' | 'log'>,
): IngestApplication {
  const rehearsal: Rehearsal = { names: testNames(null), publishers: null };
  const application = openIngest(settings, {
    ...about,
    simulated: true,
    closeFirst: async () => await rehearsal.publishers?.close(),
  });
  rehearsals.set(application, rehearsal);
  const { ingest } = application;
  ingest.onStatus(({ port }) => {
    if (port === null || rehearsal.publishers) return;
    // loaded when somebody rehearses: every other start of Node-RED would wait for it in vain
    const { startTestPublishers } =
      require('../../simulators/publishers') as typeof import('../../simulators/publishers');
    const { app } = ingest.settings;
    const to = { host: HOST, port, app, args: `key=${secret}` };
    rehearsal.publishers = startTestPublishers({ ...to, names: rehearsal.names });
  });
  return application;
}

/** Test streams alone come in, under the names of people who have a key now; whose key is stopped is off in a rehearsal too. */
export function guardRehearsal(application: IngestApplication, store: KeyStore | null): Release {
  const { ingest } = application;
  const rehearsal = rehearsals.get(application);
  const follow = () => {
    if (!rehearsal) return;
    rehearsal.names = testNames(store);
    rehearsal.publishers?.follow(rehearsal.names);
  };
  follow();
  const lets = [
    hold(secret),
    ingest.guard(({ stream, params }) =>
      sameSecret(params.get('key') ?? '', secret)
        ? { allow: true, name: store?.get(stream)?.name ?? stream }
        : { allow: false, why: 'key', reason: 'in a rehearsal nobody comes in from outside' },
    ),
    store?.onChange(follow),
  ];
  return () => {
    for (const letGo of lets) letGo?.();
  };
}
