import { join, resolve } from 'node:path';
import type { WitnessLogNode } from '../../red/witness-logs';
import { asTyped, choiceField, numberField, resolveEnv } from '../../red/typed-inputs';
import type { LiveDef, Node, NodeAPI } from '../../red/types';
import { userFolder } from '../../red/user-folder';
import { fail } from '../../lib/errors';
import { safeName } from '../../lib/production/picture-files';
import { KEY_TYPES, isKeyName, parseVerifier, type KeyType } from '../../lib/witness/keys';
import { PROJECT_LIMITS, RECORDED_FIELDS } from '../../lib/witness/project';
import type { Durability } from '../../lib/witness/store/log';
import { computerName, keyName, type KeyTexts } from './keys';

export interface WitnessLogDef extends LiveDef {
  folder: string;
  fields: string;
  durability: Durability;
  ifFailed: 'go-on' | 'stop';
  cosigners: { address: string; vkey: string }[];
  needed: string;
  countersign: boolean;
  host: string;
  port: string;
  logs: { vkey: string }[];
  origin: string;
  stateFolder: string;
  longestText: string;
  mostMegabytes: string;
  checkpointSeconds: string;
  checkpointEntries: string;
}

/** What a witness log's dialog says, checked. */
export interface LogSettings {
  folder: string;
  stateFolder: string;
  /** as the dialog names it; '' where it does not */
  origin: string;
  /** what it is called then */
  standardOrigin: string;
  /** whether the folder follows the name */
  usualFolder: boolean;
  recording: WitnessLogNode['recording'];
  durability: Durability;
  failOpen: boolean;
  mostBytes: number | null;
  checkpointEvery: { entries: number; ms: number };
  cosigners: { url: string; vkey: string }[];
  needed: number;
  countersign: { host: string; port: number; logs: string[] } | null;
}

const DURABILITIES = ['group', 'os', 'async'] as const;
const IF_FAILED = ['go-on', 'stop'] as const;
const FIELD = /^[A-Za-z_$][\w$-]*$/;
const MIB = 1_048_576;
/** Characters: an entry holds no more. */
const MOST_TEXT = 60_000;
/** Where others send their checkpoints, if nobody says otherwise. */
const COSIGNER_PORT = 8479;

/** Name of a log that was given none. */
export function logName(config: { name?: unknown }): string {
  return typeof config.name === 'string' && config.name.trim() ? config.name.trim() : 'main';
}

/** Read the dialog. Throws CONFIG_INVALID or CONFIG_ENV_MISSING. */
export function logSettings(RED: NodeAPI, node: Node<KeyTexts>, config: WitnessLogDef): LogSettings {
  const text = (field: string, value: unknown) => resolveEnv(RED, node, field, value).trim();
  const name = logName(config);
  const folder = text('folder', config.folder);
  const state = text('memory', config.stateFolder);
  const user = userFolder(RED);
  const origin = text('log name', config.origin);
  if (origin !== '' && !isKeyName(origin))
    throw fail('CONFIG_INVALID', {
      field: 'log name',
      reason: `"${asTyped(config.origin, origin)}" must hold no space and no +`,
    });
  const cosigners = rows(config.cosigners).map(({ address, vkey }) => ({
    url: webAddress('cosigner', text('cosigner', address)),
    vkey: publicKey('cosigner', vkey, text('cosigner', vkey), KEY_TYPES.cosigner),
  }));
  const longest = numberField(RED, node, 'text limit', config.longestText, PROJECT_LIMITS.text, 0, MOST_TEXT);
  const seconds = numberField(RED, node, 'checkpoint', config.checkpointSeconds, 10, 1, 86_400);
  const settings: LogSettings = {
    folder: folder ? resolve(user, folder) : join(user, 'live-witness', safeName(name)),
    stateFolder: state ? resolve(user, state) : join(user, 'live-witness-state'),
    origin,
    standardOrigin: `${computerName()}/live-witness/${keyName(name)}`,
    usualFolder: folder === '',
    recording: {
      fields: fieldsIn(config.fields, text('record', config.fields)),
      longestText: longest || MOST_TEXT,
    },
    durability: choiceField('waiting', config.durability, DURABILITIES),
    failOpen: choiceField('if it fails', config.ifFailed, IF_FAILED) === 'go-on',
    mostBytes: numberField(RED, node, 'log limit', config.mostMegabytes, 0, 0, 100_000_000) * MIB || null,
    checkpointEvery: {
      entries: Math.round(numberField(RED, node, 'checkpoint', config.checkpointEntries, 1000, 1, 1_000_000)),
      ms: seconds * 1000,
    },
    cosigners,
    needed: Math.round(numberField(RED, node, 'needed', config.needed, cosigners.length, 0, 100)),
    countersign: config.countersign === true ? countersigning(RED, node, config, text) : null,
  };
  if (isInside(settings.stateFolder, settings.folder))
    throw fail('CONFIG_INVALID', {
      field: 'memory',
      reason: 'it must not be inside the folder of the log: who sets one back would set back both',
    });
  if (settings.needed > cosigners.length)
    throw fail('CONFIG_INVALID', { field: 'needed', reason: `there are only ${cosigners.length} cosigners` });
  return settings;
}

function countersigning(
  RED: NodeAPI,
  node: Node<KeyTexts>,
  config: WitnessLogDef,
  text: (field: string, value: unknown) => string,
): LogSettings['countersign'] {
  const logs = rows(config.logs).map(({ vkey }) =>
    publicKey('logs to countersign', vkey, text('logs to countersign', vkey), KEY_TYPES.log),
  );
  if (logs.length === 0)
    throw fail('CONFIG_INVALID', { field: 'logs to countersign', reason: 'none is named' });
  return {
    host: text('address', config.host) || '127.0.0.1',
    port: numberField(RED, node, 'port', config.port, COSIGNER_PORT, 1, 65_535),
    logs,
  };
}

/** The rows of a list in the dialog; empty ones count as not there. */
function rows<T extends object>(list: readonly T[] | undefined): T[] {
  const all: readonly T[] = Array.isArray(list) ? list : [];
  return all.filter((row) =>
    Object.values(row).some((value) => typeof value === 'string' && value.trim() !== ''),
  );
}

function fieldsIn(typed: unknown, text: string): string[] {
  const names = [...new Set(text.split(/[\s,]+/).filter(Boolean))];
  if (names.length === 0) return [...RECORDED_FIELDS];
  for (const name of names)
    if (!FIELD.test(name))
      throw fail('CONFIG_INVALID', {
        field: 'record',
        reason: `"${asTyped(typed, name)}" is no property of a message`,
      });
  return names;
}

function publicKey(field: string, typed: unknown, text: string, type: KeyType): string {
  const key = parseVerifier(text);
  if (!key)
    throw fail('CONFIG_INVALID', {
      field,
      // the text is not repeated: it may be a secret that was put here by mistake
      reason: text ? 'this is no public key; it reads name+id+key' : 'its public key is missing',
    });
  const name = asTyped(typed, key.name);
  if (key.type !== type)
    throw fail('CONFIG_INVALID', {
      field,
      reason:
        type === KEY_TYPES.cosigner
          ? `"${name}" is the key of a log; a cosigner shows another one, for cosigning`
          : `"${name}" is the key of a cosigner; paste the key of the log`,
    });
  return text;
}

/**
 * Refuse passwords in addresses as they were typed: they stand in the flow. Node-RED itself puts the value of a variable into a field
 * that is nothing but `${NAME}` before a node sees it, so this wants the flow as it is saved.
 * @throws LiveError CONFIG_INVALID
 */
export function refusePlainLogin({ cosigners }: Partial<WitnessLogDef>): void {
  for (const { address } of rows(cosigners)) {
    const login = /^[^/]*\/\/([^/?#]*)@/.exec(String(address))?.[1];
    if (login !== undefined && !login.slice(login.indexOf(':') + 1).includes('${'))
      throw fail('CONFIG_INVALID', {
        field: 'cosigner',
        reason: 'a password in its address is exported with the flow; write it as ${NAME}',
      });
  }
}

function webAddress(field: string, text: string): string {
  try {
    const { protocol } = new URL(text);
    if (protocol === 'http:' || protocol === 'https:') return text.replace(/\/+$/, '');
  } catch {
    // told below
  }
  throw fail('CONFIG_INVALID', {
    field,
    // not repeated: there may be a password in it
    reason: 'this is no address; it begins with http:// or https://',
  });
}

function isInside(path: string, folder: string): boolean {
  return `${path}/`.replaceAll('\\', '/').startsWith(`${folder.replaceAll('\\', '/')}/`);
}
