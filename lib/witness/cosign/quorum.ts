import { localClock } from '../../health/time';
import { isAlarm, type CosignerStanding } from './round';

/** How many of the cosigners stand by the log, in figures and in words. */
export interface Quorum {
  /** cosigners there are */
  of: number;
  /** that have to sign */
  needed: number;
  /** that have signed the latest checkpoint they were asked for */
  have: number;
  /** null: as long as too few were asked to say */
  met: boolean | null;
  missing: CosignerStanding[];
  /** one of them says that this is not the log it has signed before: no matter of patience */
  alarm: boolean;
  /** for a badge, some twelve characters; empty without cosigners */
  short: string;
  /** for a status page or a message; empty without cosigners */
  sentence: string;
}

/**
 * Judge how the cosigners stand against how many are needed. Pure. More needed than there are can never be met.
 * @param needed 0: none, they are only shown
 */
export function quorumOf(standings: readonly CosignerStanding[], needed: number): Quorum {
  const of = standings.length;
  const have = standings.filter(({ ok }) => ok === true).length;
  const open = standings.filter(({ ok }) => ok === null).length;
  const missing = standings.filter(({ ok }) => ok === false);
  const met = have >= needed ? true : have + open >= needed ? null : false;
  const alarm = missing.some(({ code }) => isAlarm(code));
  const figures = { of, needed, have, met, missing, alarm };
  if (of === 0 && needed === 0) return { ...figures, short: '', sentence: '' };
  const parts = [
    `${have} of ${of} cosigners ${have === 1 ? 'has' : 'have'} signed${needed > 0 ? `, ${needed} needed` : ''}.`,
    ...missing.map(({ name, since, reason }) => {
      const from = since === null ? '' : ` since ${localClock(since)}`;
      return `${name} is missing${from}: ${reason ?? 'of an unknown cause'}`;
    }),
    ...(open > 0 ? [`${open} ${open === 1 ? 'was' : 'were'} not asked yet.`] : []),
  ];
  return { ...figures, short: `cosigned ${have}/${of}`, sentence: parts.join(' ') };
}
