import type { Lease } from '../../lib/connection/lease';
import type { LiveError } from '../../lib/errors';
import { redactError, redactText } from '../../lib/secrets';
import { httpCosigner } from '../../lib/witness/cosign/client';
import { KeptLog } from '../../lib/witness/kept-log';
import { WitnessLog } from '../../lib/witness/store/log';
import { fingerprint, leases } from '../../red/leases';
import { SOFTWARE } from '../../red/software';
import type { NodeAPI } from '../../red/types';
import { Countersigner } from './countersigner';
import type { Keys } from './keys';
import type { LogSettings } from './settings';

/** Where a log tells what happens to it. */
export interface Tell {
  warn: (what: LiveError | string) => void;
  info: (sentence: string) => void;
}

/** Node-RED's own log: the config node may be another object after a deploy. */
export function tellIn(RED: NodeAPI, who: string): Tell {
  return {
    warn: (what) =>
      RED.log.warn(`[${who}] ${typeof what === 'string' ? redactText(what) : redactError(what).toString()}`),
    info: (sentence) => RED.log.info(`[${who}] ${redactText(sentence)}`),
  };
}

/** The log of these settings, opening. */
export function openLog(settings: LogSettings, keys: Keys, tell: Tell): KeptLog {
  const { folder, stateFolder, durability, mostBytes, checkpointEvery, cosigners } = settings;
  const log = new KeptLog(folder, async () => {
    await keys.saved();
    return await WitnessLog.open(folder, {
      origin: keys.log.verifier.name,
      signer: keys.log,
      stateFolder,
      software: SOFTWARE,
      durability,
      mostBytes,
      checkpointEvery,
      cosigners: cosigners.map((cosigner) => httpCosigner(cosigner)),
    });
  });
  followLog(log, folder, tell);
  return log;
}

/** Tell what happens to a log, each thing once: what it found when it was opened, that it cannot be written, and that it can again. */
function followLog(log: KeptLog, folder: string, { warn, info }: Tell): void {
  let told = 0;
  let code: string | null = null;
  log.onStatus(({ state, error, log: inside }) => {
    const fresh = (inside?.noticed ?? told) - told;
    told += fresh;
    if (fresh > 0) for (const notice of inside?.notices.slice(-fresh) ?? []) warn(notice);
    if (state === 'closed' || (error?.code ?? null) === code) return;
    code = error?.code ?? null;
    if (error) warn(error);
    else info(`${folder} is written again`);
  });
}

/** A lease of the service that countersigns, or null where the dialog asks for none. */
export function openCountersigner(
  id: string,
  { countersign, stateFolder }: LogSettings,
  { cosigner: signer, saved, print }: Keys,
  tell: Tell,
): Lease<Countersigner> | null {
  if (!countersign || !signer) return null;
  const options = { ...countersign, stateFolder, signer, saved };
  return leases.acquire(
    id,
    fingerprint({ ...countersign, stateFolder, print }),
    () => new Countersigner(options, tell.warn),
  );
}
