import { adminPost } from '../../red/admin-routes';
import { mediaServer } from '../../red/guests';
import { keepVariables } from '../../red/typed-variables';
import type { Node, NodeAPI } from '../../red/types';
import { asLiveError, fail } from '../../lib/errors';
import { tellableName } from '../../lib/gate/admission';
import { createMediaServer } from '../../lib/media-servers/client';
import { configLines } from '../../lib/media-servers/lines';
import { makeSecret, mediaServerSettings, type MediaServerConfig } from './settings';
import type { MediaServerConfigNode, MediaServerDef, MediaServerSecrets } from './types';

type Body = Record<string, unknown>;
type Shown = MediaServerDef & MediaServerSecrets;

/** The editor's stand-in for a secret that only the runtime knows. */
const UNCHANGED = '__PWRD__';
const SECRETS = ['user', 'password', 'secret'] as const;
/** What stands in the lines. */
const IN_LINES = [
  ...(['user', 'secret', 'hookHost', 'hookPort', 'hookName', 'reachedAt', 'api', 'control', 'apps'] as const),
];

/** What dialogs ask: whether the API answers, the lines to paste, and a new secret, of what is shown, deployed or not; and who publishes. */
export function addMediaServerRoutes(RED: NodeAPI): void {
  const deployed = (id: unknown): MediaServerConfigNode | null => {
    const node = typeof id === 'string' ? (RED.nodes.getNode(id) as MediaServerConfigNode | null) : null;
    return node?.type === 'live-media-server' ? node : null;
  };
  const shownIn = ({ settings }: Body): Shown => {
    if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
      throw fail('INPUT_INVALID', { field: 'settings', reason: 'they are missing' });
    return settings as Shown;
  };
  const typedSecret = (value: unknown): string | undefined =>
    typeof value === 'string' && value !== UNCHANGED ? value : undefined;

  const savedOf = (shown: Shown): Partial<Shown> => {
    const node = deployed(shown.id);
    let saved: Partial<Shown> = {};
    RED.nodes.eachNode((one) => {
      if (node && one.id === node.id) saved = one;
    });
    return saved;
  };

  /** Whoever may test may not read the environment by it: a variable that is typed anew counts when somebody has deployed it. */
  const mustBeDeployed = (shown: Shown, fields: readonly (keyof Shown)[]): void => {
    const node = deployed(shown.id);
    const saved = savedOf(shown);
    for (const field of fields) {
      const typed = shown[field];
      const stored = SECRETS.find((name) => name === field)
        ? node?.credentials?.[field as keyof MediaServerSecrets]
        : saved[field];
      if (typeof typed === 'string' && typed.includes('${') && typed !== stored)
        throw fail('CONFIG_INVALID', {
          field,
          reason: 'a variable that was typed just now counts after a deploy',
        });
    }
  };

  /** What the dialog shows, with what is stored where it shows only that there is something. */
  const read = (shown: Shown): MediaServerConfig => {
    const node = deployed(shown.id);
    const secrets: MediaServerSecrets = {};
    for (const name of SECRETS) {
      const value = typedSecret(shown[name]) ?? (shown[name] === UNCHANGED ? node?.credentials?.[name] : '');
      if (value) secrets[name] = value;
    }
    return mediaServerSettings(RED, (node ?? {}) as Node, shown, secrets);
  };

  adminPost(
    RED,
    'media-server/test',
    () => 'live-production.write',
    async (body) => {
      const shown = shownIn(body);
      // it would be sent to whatever address is typed
      mustBeDeployed(shown, ['user', 'password']);
      keepVariables({ ...shown }, { ...savedOf(shown) }, ['api', 'control']);
      const { client, hooks } = read({ ...shown, secret: typedSecret(shown.secret) || makeSecret() });
      if (client.kind === 'rehearsal')
        return { simulated: true, version: '', publishers: 0, port: hooks.listen.port };
      if (shown.password === UNCHANGED && client.password) mustBeSamePlace(client, deployed(shown.id));
      const server = createMediaServer(client);
      try {
        const { version, publishers } = await server.probe();
        return { simulated: false, version: version ?? '', publishers };
      } catch (error) {
        throw asShown(error, shown, client);
      } finally {
        await server.close();
      }
    },
  );

  adminPost(
    RED,
    'media-server/list',
    () => 'live-production.read',
    async ({ what, settings }) => {
      if (what !== 'streams') throw fail('INPUT_INVALID', { field: 'what', reason: 'it must be streams' });
      const { id } = (settings ?? {}) as { id?: unknown };
      const node = deployed(id);
      if (!node)
        throw fail('INPUT_INVALID', { field: 'media server', reason: 'it is asked once it is deployed' });
      const { apps } = node;
      const lease = mediaServer(RED, node.id).acquire();
      try {
        const { publishers } = await lease.value.list();
        const names = publishers
          .filter(
            ({ app, stream }) => (apps.length === 0 || apps.includes(app)) && tellableName(stream, false),
          )
          .map(({ stream }) => stream);
        return { items: [...new Set(names)].map((value) => ({ value })) };
      } finally {
        lease.release();
      }
    },
  );

  adminPost(
    RED,
    'media-server/lines',
    () => 'live-production.write',
    async (body) => {
      const shown = shownIn(body);
      mustBeDeployed(shown, IN_LINES);
      const { client, hookAddress, apps } = await Promise.resolve(read(shown));
      const { kind, api, control, user } = client;
      return { lines: configLines({ kind, hookAddress, api, control, user, apps }) };
    },
  );
}

/** A stored password goes only where it was stored for. */
function mustBeSamePlace(
  { kind, api, control, user }: MediaServerConfig['client'],
  node: MediaServerConfigNode | null,
): void {
  const stored = node?.settings?.client;
  const same =
    stored?.kind === kind && stored.api === api && stored.control === control && stored.user === user;
  if (!same) throw fail('MEDIA_SERVER_PASSWORD_NEEDED');
}

/** Whoever may test may not read the environment by it: where an address came out of a variable, the fault shows what was typed. */
function asShown(thrown: unknown, shown: Shown, { api, control }: MediaServerConfig['client']): unknown {
  const fault = asLiveError(thrown);
  for (const [typed, address] of [
    [shown.api, api],
    [shown.control, control],
  ] as const) {
    if (typeof typed !== 'string' || !typed.includes('${') || address === null) continue;
    const { host, hostname } = new URL(address);
    for (const held of [address, host, hostname]) fault.message = fault.message.replaceAll(held, typed);
  }
  return fault;
}
