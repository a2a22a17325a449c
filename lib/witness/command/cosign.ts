import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { mergeCosignatures } from '../cosign/cosignature';
import { addCheckpointBody } from '../cosign/request';
import { CosignerService, type CosignAnswer } from '../cosign/service';
import { parseCheckpoint } from '../checkpoint';
import { CHECKPOINT_FILE } from '../format';
import { KEY_TYPES, strictBase64 } from '../keys';
import { parseNote } from '../note';
import { CommandError, EXIT, type Arguments, type ExitStatus } from './arguments';
import { readKey } from './keygen';
import { consistencyOf } from './prove';
import type { Subcommand } from './run';
import { deliver, printableField } from './terminal';
import { readText } from './trust';

/** What an answer of the protocol means for whoever asked here. */
const STATUS: Readonly<Record<number, ExitStatus>> = {
  200: EXIT.valid,
  // another log, another key, or a log that was changed
  403: EXIT.tampered,
  404: EXIT.tampered,
  409: EXIT.unknown,
  422: EXIT.tampered,
};

/** `live-witness cosign CHECKPOINT` */
export const cosign: Subcommand = {
  operands: 'CHECKPOINT',
  summary: "Countersign a checkpoint of somebody else's log, if the log has only grown since the last time.",
  more: `CHECKPOINT is a file, or the folder of a log. From the second time on the growth has to be shown: by the folder of the
log (--log), or by a proof that was made there (--proof, from prove --consistency). The note with the cosignature is written.
`,
  options: ['key', 'state', 'vkey', 'log', 'proof', 'out'],
  async run(args, terminal) {
    const place = args.operand(0, 'CHECKPOINT, a file or the folder of a log,');
    const isFolder = await stat(place).then(
      (found) => found.isDirectory(),
      () => false,
    );
    const note = await readText(isFolder ? join(place, CHECKPOINT_FILE) : place);
    const log = args.text('log') ?? (isFolder ? place : null);
    const logs = args.texts('vkey');
    if (logs.length === 0)
      throw new CommandError('--vkey is missing: the key of the log, as its owner gave it');
    const service = await CosignerService.open({
      signer: await readKey(args.needed('key'), KEY_TYPES.cosigner),
      logs,
      stateFolder: args.needed('state'),
      now: () => terminal.now(),
    });
    try {
      const { status, body } = await asked(service, note, log, args);
      if (status !== 200) {
        await terminal.error(`not countersigned: ${printableField(body.trim())}`);
        return STATUS[status] ?? EXIT.usage;
      }
      await deliver(terminal, args.text('out'), mergeCosignatures(note, body));
      return EXIT.valid;
    } finally {
      await service.close();
    }
  },
};

/** Ask as a log would: first as if nothing had been signed, then from where the cosigner says it is. */
async function asked(
  service: CosignerService,
  note: string,
  log: string | null,
  args: Arguments,
): Promise<CosignAnswer> {
  const first = await service.handle(addCheckpointBody(0, [], note));
  if (first.status !== 409) return first;
  const known = Number(first.body);
  const parsed = parseNote(note);
  const size = (parsed && parseCheckpoint(parsed.text))?.size ?? 0;
  if (known > size)
    return { ...first, body: `${known} entries of this log are countersigned already, and here are ${size}` };
  const file = args.text('proof');
  const proof =
    known === size
      ? []
      : file !== null
        ? await proofIn(file)
        : log !== null
          ? await consistencyOf(log, known, size).catch(tooShort)
          : null;
  if (!proof)
    throw new CommandError(
      `${known} entries of this log are countersigned: give --log or --proof (from prove --consistency ${known})`,
    );
  return service.handle(addCheckpointBody(known, proof, note));
}

function tooShort(error: unknown): never {
  throw error instanceof RangeError
    ? new CommandError(`the log is shorter than its checkpoint: ${error.message}`)
    : error;
}

async function proofIn(file: string): Promise<Buffer[]> {
  const lines = (await readText(file)).split('\n').filter((line) => line !== '');
  const hashes = lines.map(strictBase64);
  if (hashes.some((hash) => hash === null)) throw new CommandError(`${file} holds no proof of consistency`);
  return hashes as Buffer[];
}
