import { adminPost } from '../../red/admin-routes';
import { resolveEnv } from '../../red/typed-inputs';
import type { NodeAPI } from '../../red/types';
import { asLiveError, fail } from '../../lib/errors';
import { LISTS, listFrom, listOnce, testObs, type ListName } from '../../lib/obs/probe';
import { parseObsSettings, type ObsSettings } from '../../lib/obs/settings';
import { startSimulator } from './rehearsal';
import type { ObsConnectionNode } from './types';

const UNCHANGED = '__PWRD__';
type Body = Record<string, unknown>;

/** The routes behind the Test button and the live lists: they work with what the dialog shows, deployed or not. */
export function addDialogRoutes(RED: NodeAPI): void {
  const settingsOf = (body: Body): Body => {
    const { settings } = body;
    if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
      throw fail('INPUT_INVALID', { field: 'settings', reason: 'they are missing' });
    return settings as Body;
  };
  const deployed = (settings: Body): ObsConnectionNode | null => {
    const node =
      typeof settings.id === 'string' ? (RED.nodes.getNode(settings.id) as ObsConnectionNode | null) : null;
    return node?.peek ? node : null;
  };
  const typedPassword = ({ password }: Body) =>
    typeof password === 'string' && password !== UNCHANGED ? password : null;
  const sameAddress = (node: ObsConnectionNode, typed: ObsSettings) =>
    node.settings !== null &&
    node.settings.host === typed.host &&
    node.settings.port === typed.port &&
    node.settings.tls === typed.tls;

  /**
   * Whoever may test may not read the environment by it: where an answer shows what a variable held, it shows the typed
   * text instead.
   */
  const asTyped = async <T extends object>(settings: Body, work: () => Promise<T>): Promise<T> => {
    const back = (text: string) =>
      [settings.host, settings.port].reduce<string>((said, typed) => {
        const value =
          typeof typed === 'string' && typed.includes('${')
            ? resolveEnv(RED, (deployed(settings) ?? {}) as ObsConnectionNode, 'value', typed)
            : '';
        return value
          ? said.replaceAll(value, String(typed)).replaceAll(value.trim().toLowerCase(), String(typed))
          : said;
      }, text);
    try {
      const answer = await work();
      return 'where' in answer ? { ...answer, where: back(String(answer.where)) } : answer;
    } catch (error) {
      const fault = asLiveError(error);
      if (fault.code !== 'CONFIG_ENV_MISSING') fault.message = back(fault.message);
      throw fault;
    }
  };

  /** What the dialog shows, as settings; the stored password goes only to the address it was stored for. */
  const effective = (settings: Body): ObsSettings => {
    const node = deployed(settings);
    const env = (field: string, value: unknown) =>
      typeof value === 'string' || typeof value === 'number'
        ? resolveEnv(RED, (node ?? {}) as ObsConnectionNode, field, value)
        : '';
    const password = typedPassword(settings);
    const typed = parseObsSettings({
      host: env('host', settings.host),
      port: env('port', settings.port),
      tls: settings.tls === true,
      password: env('password', password ?? ''),
    });
    if (password !== null || !node?.settings) return typed;
    if (sameAddress(node, typed)) return node.settings;
    if (node.settings.password) throw fail('OBS_TEST_PASSWORD_NEEDED');
    return typed;
  };
  const asDeployed = (settings: Body): ObsConnectionNode | null => {
    const node = deployed(settings);
    if (!node || typedPassword(settings) !== null) return null;
    if (settings.connectTo === 'rehearsal') return node.connectTo === 'rehearsal' ? node : null;
    try {
      return node.connectTo === 'obs' && sameAddress(node, effective(settings)) ? node : null;
    } catch {
      return null;
    }
  };

  adminPost(
    RED,
    'obs/test',
    () => 'live-production.write',
    async (body) => {
      const settings = settingsOf(body);
      if (settings.connectTo === 'rehearsal')
        return withSimulator(async (simulator) => ({
          ...(await testObs(simulator)),
          where: 'rehearsal',
          simulated: true,
        }));
      return asTyped(settings, async () => ({ ...(await testObs(effective(settings))), simulated: false }));
    },
  );

  const isDeployed = (body: Body) =>
    typeof body.settings === 'object' && body.settings !== null && asDeployed(body.settings as Body) !== null;
  adminPost(
    RED,
    'obs/list',
    (body) => (isDeployed(body) ? 'live-production.read' : 'live-production.write'),
    async (body) => {
      const settings = settingsOf(body);
      const what = body.what as ListName;
      if (!LISTS.includes(what))
        throw fail('INPUT_INVALID', { field: 'what', reason: `it must be one of ${LISTS.join(', ')}` });
      const open = asDeployed(settings)?.peek();
      if (open?.status().state === 'ready') return { items: await listFrom(open.client, what) };
      if (settings.connectTo === 'rehearsal')
        return { items: await withSimulator((simulator) => listOnce(simulator, what)) };
      return asTyped(settings, async () => ({ items: await listOnce(effective(settings), what) }));
    },
  );
}

/** A rehearsal that is not deployed yet, for one question. */
async function withSimulator<T>(ask: (settings: ObsSettings) => Promise<T>): Promise<T> {
  const simulator = await startSimulator(null);
  try {
    return await ask({ host: '127.0.0.1', port: simulator.port, tls: false, password: '' });
  } finally {
    await simulator.close();
  }
}
