import { readFileSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Node, NodeAPI } from '../../red/types';
import { makeFolder, reasonOf } from '../../lib/durable/files';
import { replaceFile } from '../../lib/durable/replace';
import { fail } from '../../lib/errors';
import type { Release } from '../../lib/production/application';
import { hold } from '../../lib/secrets';
import {
  KEY_TYPES,
  generateSeed,
  isKeyName,
  signerOf,
  strictBase64,
  type Signer,
} from '../../lib/witness/keys';

/** The credentials of a witness log: each key as `name+base64 of its 32 secret bytes`. */
export interface KeyTexts {
  key?: string;
  cosignKey?: string;
}

export interface KeyNames {
  /** name the dialog gives the log, or '' */
  origin: string;
  /** what the log is called where nobody said so */
  standard: string;
  /** a name that was given once stays, even when the computer is called otherwise now */
  keeps: (name: string) => boolean;
  /** whether checkpoints of others are countersigned */
  cosigns: boolean;
}

export interface Keys {
  log: Signer;
  cosigner: Signer | null;
  /** changes when a key does */
  print: string;
  /** resolves when the keys survive a crash; throws WITNESS_KEY_NOT_SAVED */
  saved: () => Promise<void>;
  release: Release;
}

/** Bridge files whose keys Node-RED had not stored when this process began, or that it cannot be known of. */
const unsure = new Set<string>();

/** A name for keys made of any text: no spaces, no plus, nothing invisible. */
export function keyName(text: string): string {
  const name = text.replace(/[\s+\p{C}\p{Z}]+/gu, '-').replace(/^-+|-+$/g, '');
  return isKeyName(name) ? name : 'log';
}

/** This computer's name, as a part of a key's name. */
export function computerName(): string {
  return keyName(hostname());
}

/**
 * The keys of a log: those Node-RED stores with its credentials, else those that wait beside for the next deploy to store
 * them, else new ones. Node-RED writes credentials only when somebody deploys, so a key lies in a file of its own
 * until a later start finds it among them.
 */
export function keysOf(RED: NodeAPI, node: Node<KeyTexts>, stateFolder: string, names: KeyNames): Keys {
  const bridge = join(stateFolder, `${node.id.replace(/[^\w.-]/g, '_')}.key`);
  const stored = { ...(node.credentials as KeyTexts | undefined) };
  const beside = readBridge(bridge);
  const had = { key: stored.key ?? beside.key, cosignKey: stored.cosignKey ?? beside.cosignKey };
  const log = signerFor(had.key, KEY_TYPES.log, (name) =>
    names.origin !== '' ? names.origin : name !== null && names.keeps(name) ? name : names.standard,
  );
  const cosigner = names.cosigns
    ? signerFor(had.cosignKey, KEY_TYPES.cosigner, (name) => name ?? `${names.standard}/cosigner`)
    : null;
  // the key of a cosigner that is off for tonight is kept: others know it
  const cosignKey = cosigner?.text ?? had.cosignKey;
  const now: KeyTexts = { key: log.text, ...(cosignKey === undefined ? {} : { cosignKey }) };
  const isStored = stored.key === now.key && stored.cosignKey === now.cosignKey;
  if (!isStored) {
    unsure.add(bridge);
    void RED.nodes.addCredentials(node.id, { ...now });
  }
  const releases = [log, cosigner].flatMap((key) => (key ? [hold(key.secret), hold(key.hex)] : []));
  return {
    log: log.signer,
    cosigner: cosigner?.signer ?? null,
    print: [log, cosigner].map((key) => key?.signer.verifier.text ?? '').join(' '),
    saved: async () => {
      try {
        const isBeside = beside.key === now.key && beside.cosignKey === now.cosignKey;
        if (unsure.has(bridge) && !isBeside) await writeBridge(stateFolder, bridge, now);
        // this process began with these very keys among the credentials
        if (!unsure.has(bridge) && isBeside) await unlink(bridge);
      } catch (error) {
        throw fail('WITNESS_KEY_NOT_SAVED', { folder: stateFolder, reason: reasonOf(error) }, error);
      }
    },
    release: () => {
      for (const free of releases) free();
    },
  };
}

interface NamedKey {
  signer: Signer;
  text: string;
  secret: string;
  hex: string;
}

function signerFor(
  text: string | undefined,
  type: (typeof KEY_TYPES)[keyof typeof KEY_TYPES],
  nameFor: (had: string | null) => string,
): NamedKey {
  const had = parseKey(text);
  // a key that cannot be read is no reason to forget it: whoever stored it should look
  if (text !== undefined && !had) throw fail('WITNESS_KEY_UNREADABLE');
  const seed = had?.seed ?? generateSeed();
  const name = nameFor(had?.name ?? null);
  const secret = seed.toString('base64');
  return { signer: signerOf(name, seed, type), text: `${name}+${secret}`, secret, hex: seed.toString('hex') };
}

function parseKey(text: string | undefined): { name: string; seed: Buffer } | null {
  const plus = text?.indexOf('+') ?? -1;
  if (text === undefined || plus < 0) return null;
  const name = text.slice(0, plus);
  const seed = strictBase64(text.slice(plus + 1));
  return seed?.length === 32 && isKeyName(name) ? { name, seed } : null;
}

function readBridge(file: string): KeyTexts {
  try {
    const { key, cosignKey } = JSON.parse(readFileSync(file, 'utf8')) as KeyTexts;
    return {
      ...(typeof key === 'string' ? { key } : {}),
      ...(typeof cosignKey === 'string' ? { cosignKey } : {}),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw fail('WITNESS_KEY_UNREADABLE', {}, error);
  }
}

async function writeBridge(folder: string, file: string, keys: KeyTexts): Promise<void> {
  await makeFolder(folder, 0o700);
  await replaceFile(file, `${JSON.stringify(keys)}\n`, { mode: 0o600 });
}
