import {
  KEY_TYPES,
  generateSeed,
  isKeyName,
  parseSigner,
  signerOf,
  type KeyType,
  type Signer,
} from '../keys';
import { CommandError, EXIT, type Arguments } from './arguments';
import type { Subcommand } from './run';
import { writeNew } from './terminal';
import { readText } from './trust';

/** Only its owner may read a key. */
const PRIVATE = 0o600;

/** `live-witness keygen --name NAME --out FILE` */
export const keygen: Subcommand = {
  operands: '',
  summary: 'Make a key: the secret goes into a new file, the public key is shown.',
  more: `The witness log node makes its own key; this is for cosigners, and for logs that are written without Node-RED.
`,
  options: ['name', 'for', 'out'],
  async run(args, terminal) {
    const name = args.needed('name');
    const file = args.needed('out');
    const type = useOf(args);
    if (!isKeyName(name)) throw new CommandError('--name takes no spaces, no plus and nothing invisible');
    const seed = generateSeed();
    await writeNew(file, [`${secretText(name, seed)}\n`], PRIVATE);
    await terminal.out(`${signerOf(name, seed, type).verifier.text}\n`);
    return EXIT.valid;
  },
};

function useOf(args: Arguments): KeyType {
  const use = args.text('for') ?? 'log';
  if (use !== 'log' && use !== 'cosigner')
    throw new CommandError(`--for wants log or cosigner, not "${use}"`);
  return KEY_TYPES[use];
}

/** A secret key as Go's tools write it; whether it signs or cosigns is not in it. Source: golang.org/x/mod/sumdb/note. */
function secretText(name: string, seed: Buffer): string {
  const { id } = signerOf(name, seed).verifier;
  const typed = Buffer.concat([Buffer.from([KEY_TYPES.log]), seed]);
  return `PRIVATE+KEY+${name}+${id.toString('hex')}+${typed.toString('base64')}`;
}

/**
 * The key of a file that `keygen` made, for this use.
 * @throws CommandError; never with anything of the key in it
 */
export async function readKey(file: string, type: KeyType): Promise<Signer> {
  const text = (await readText(file)).trim();
  const signer = parseSigner(text);
  if (!signer) throw new CommandError(`${file} holds no secret key as keygen makes them`);
  const encoded = text.split('+').slice(4).join('+');
  return signerOf(signer.verifier.name, Buffer.from(encoded, 'base64').subarray(1), type);
}
