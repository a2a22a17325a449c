import { asLiveError, fail, type ErrorCode } from '../lib/errors';
import { adminPost } from './admin-routes';
import type { DeployedConnection, OpenApplication } from './connection-node';
import { resolveEnv } from './typed-inputs';
import { keepVariables } from './typed-variables';
import type { Node, NodeAPI } from './types';

/** The editor's stand-in for a password that only the runtime knows. */
const UNCHANGED = '__PWRD__';
type Body = Record<string, unknown>;

interface Address {
  host: string;
  port: number;
  password: string;
}

/** A field of the open dialog as text, with its environment variables filled in. Throws CONFIG_ENV_MISSING. */
export type ShownText = (field: string, property: string) => string;

/** What differs from one application's connection dialog to another's. */
export interface DialogKind<Settings extends Address, Opened extends OpenApplication, List extends string> {
  /** names the routes, and is what `connectTo` says when it is no rehearsal */
  application: 'obs' | 'vmix';
  lists: readonly List[];
  /** Settings from what the dialog shows, without a stored password. Throws CONFIG_INVALID. */
  parse(text: ShownText, shown: Body): Settings;
  /** a stored password, and the open connection, are only for where this holds */
  sameAddress(one: Settings, other: Settings): boolean;
  /** what a dialog of the deployed address shows otherwise, on top of the deployed settings; `shown` need not have it */
  withStored(typed: Settings, stored: Settings, shown: Body): Settings;
  /** the code for a stored password that another address would need */
  passwordNeeded: ErrorCode;
  test(settings: Settings): Promise<{ where: string; warning?: string | null }>;
  /** `of`: the source or scene whose list it is, '' where it is nobody's */
  listOnce(settings: Settings, what: List, of: string): Promise<object[]>;
  /** a list over the open connection, which is ready */
  listFrom(open: Opened, what: List, of: string): object[] | Promise<object[]>;
  /** Ask a simulator that is there for this one question: a rehearsal that is not deployed yet. */
  simulated<T>(ask: (settings: Settings) => Promise<T>): Promise<T>;
}

interface Deployed<Settings, Opened> extends DeployedConnection<Settings, Opened> {
  connectTo: string;
}

/** The routes behind the Test button and the live lists: they work with what the dialog shows, deployed or not. */
export function addDialogRoutes<
  Settings extends Address,
  Opened extends OpenApplication,
  List extends string,
>(RED: NodeAPI, kind: DialogKind<Settings, Opened, List>): void {
  const settingsOf = (body: Body): Body => {
    const { settings } = body;
    if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
      throw fail('INPUT_INVALID', { field: 'settings', reason: 'they are missing' });
    return settings as Body;
  };
  const deployed = ({ id }: Body): Deployed<Settings, Opened> | null => {
    const node = typeof id === 'string' ? (RED.nodes.getNode(id) as Deployed<Settings, Opened> | null) : null;
    return node?.type === `live-${kind.application}-connection` ? node : null;
  };
  /** The fields as they were deployed, variables as such. */
  const deployedText = (shown: Body): Body => {
    const node = deployed(shown);
    let saved: Body = {};
    RED.nodes.eachNode((one) => {
      if (node && one.id === node.id) saved = { ...(one as unknown as Body), ...node.credentials };
    });
    return saved;
  };
  const typedPassword = ({ password }: Body) =>
    typeof password === 'string' && password !== UNCHANGED ? password : null;
  const asShown = (shown: Body): Settings => {
    const node = (deployed(shown) ?? {}) as Node;
    const text: ShownText = (field, property) => {
      const value = property === 'password' ? typedPassword(shown) : shown[property];
      return typeof value === 'string' || typeof value === 'number'
        ? resolveEnv(RED, node, field, value)
        : '';
    };
    return kind.parse(text, shown);
  };

  /** What the dialog shows, as settings; the stored password goes only to the address it was stored for. */
  const effective = (shown: Body): Settings => {
    keepVariables(shown, deployedText(shown), ['host'], ['port', 'tcpPort', 'user', 'password']);
    const typed = asShown(shown);
    const stored = deployed(shown)?.settings;
    if (typedPassword(shown) !== null || typed.password || !stored) return typed;
    if (kind.sameAddress(stored, typed)) return kind.withStored(typed, stored, shown);
    if (stored.password) throw fail(kind.passwordNeeded);
    return typed;
  };
  const asDeployed = (shown: Body): Deployed<Settings, Opened> | null => {
    const node = deployed(shown);
    if (!node || typedPassword(shown) !== null) return null;
    if (shown.connectTo === 'rehearsal') return node.connectTo === 'rehearsal' ? node : null;
    const { settings } = node;
    if (node.connectTo !== kind.application || !settings) return null;
    try {
      const wanted = effective(shown);
      const same =
        kind.sameAddress(settings, wanted) && kind.withStored(wanted, settings, shown) === settings;
      return same ? node : null;
    } catch {
      return null;
    }
  };

  /**
   * Whoever may test may not read the environment by it: where an answer shows what a variable held, this shows the typed
   * text instead.
   */
  const hideVariables = (shown: Body, text: string): string => {
    const fields = [shown.host, shown.port, shown.tcpPort].filter(
      (typed): typed is string => typeof typed === 'string' && typed.includes('${'),
    );
    if (fields.length === 0) return text;
    const instead = fields.flatMap((typed): [held: string, typed: string][] => {
      const value = resolveEnv(RED, (deployed(shown) ?? {}) as Node, 'value', typed);
      return [value, value.trim(), value.trim().toLowerCase()].map((held) => [held, typed]);
    });
    let quotes = /(?!)/;
    try {
      // a whole address in a variable is told in its parts
      const { host, port } = asShown(shown);
      if (fields[0] === shown.host) instead.push([`${host}:${port}`, fields[0]!], [host, fields[0]!]);
    } catch {
      // the sentence that says why they make no sense quotes a part
      quotes = /".*"/s;
    }
    instead.sort(([one], [other]) => other.length - one.length);
    const said = instead.reduce((all, [held, typed]) => (held ? all.replaceAll(held, typed) : all), text);
    return said.replace(quotes, (quoted) => (fields.includes(quoted.slice(1, -1)) ? quoted : '"…"'));
  };
  const asTyped = async <T extends object>(shown: Body, work: () => Promise<T>): Promise<T> => {
    const back = (said: string) => hideVariables(shown, said);
    try {
      const answer = await work();
      const told = Object.entries(answer).map(([name, value]) => [
        name,
        typeof value === 'string' && (name === 'where' || name === 'warning')
          ? back(value)
          : (value as unknown),
      ]);
      return Object.fromEntries(told) as T;
    } catch (error) {
      const fault = asLiveError(error);
      if (fault.code !== 'CONFIG_ENV_MISSING') fault.message = back(fault.message);
      throw fault;
    }
  };

  adminPost(
    RED,
    `${kind.application}/test`,
    () => 'live-production.write',
    async (body) => {
      const shown = settingsOf(body);
      if (shown.connectTo === 'rehearsal')
        return kind.simulated(async (settings) => ({
          ...(await kind.test(settings)),
          where: 'rehearsal',
          simulated: true,
        }));
      return asTyped(shown, async () => ({ ...(await kind.test(effective(shown))), simulated: false }));
    },
  );

  const isDeployed = ({ settings }: Body) =>
    typeof settings === 'object' && settings !== null && asDeployed(settings as Body) !== null;
  adminPost(
    RED,
    `${kind.application}/list`,
    (body) => (isDeployed(body) ? 'live-production.read' : 'live-production.write'),
    async (body) => {
      const shown = settingsOf(body);
      const what = kind.lists.find((name) => name === body.what);
      if (!what)
        throw fail('INPUT_INVALID', { field: 'what', reason: `it must be one of ${kind.lists.join(', ')}` });
      const of = typeof body.of === 'string' ? body.of : '';
      const open = asDeployed(shown)?.peek();
      if (open?.status().state === 'ready') return { items: await kind.listFrom(open, what, of) };
      if (shown.connectTo === 'rehearsal')
        return { items: await kind.simulated((settings) => kind.listOnce(settings, what, of)) };
      return asTyped(shown, async () => ({ items: await kind.listOnce(effective(shown), what, of) }));
    },
  );
}
