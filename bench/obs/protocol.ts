// What the benchmark and its event source say to each other, and the event they use.

/** OBS asks for a password unless somebody switched that off. */
export const PASSWORD = 'Tz7kQm4VwX9bLr2N';

/** An ordinary event of OBS: two names, two numbers, about 200 bytes on the wire. */
export const EVENT = 'InputVolumeChanged';

export interface BenchEvent {
  inputName: string;
  inputUuid: string;
  inputVolumeDb: number;
  inputVolumeMul: number;
  /** counts from 0 in each run */
  sequence: number;
  /** nanoseconds of the machine's monotonic clock, the same in all its processes */
  sentAtNs: number;
}

/** To the source: events at a pace to all of these clients, or as many as go in one burst to one. */
export type Order =
  | { kind: 'pace'; clients: number[]; count: number; everyMs: number }
  | { kind: 'burst'; client: number; count: number };

/** From the source. */
export type Word = { kind: 'listening'; port: number } | { kind: 'identified'; client: number };

export function benchEvent(sequence: number): BenchEvent {
  return {
    inputName: 'Microphone',
    inputUuid: '5c1c2d2e-8f0b-4a7c-9a53-0d3c2f1b7a90',
    inputVolumeDb: -6.0205998420715332,
    inputVolumeMul: 0.5,
    sequence,
    sentAtNs: nowNs(),
  };
}

export function nowNs(): number {
  return Number(process.hrtime.bigint());
}
