import type { WitnessLogNode } from '../../red/witness-logs';
import type { KeptLog } from '../../lib/witness/kept-log';
import type { Countersigner } from './countersigner';
import type { KeyTexts } from './keys';

/** The config node itself, beside what other nodes see of it. */
export interface WitnessLogConfigNode extends WitnessLogNode {
  credentials: KeyTexts;
  /** the public key it countersigns with, or null */
  cosignerVkey: string | null;
  /** what countersigns for others, or null */
  countersigner: Countersigner | null;
  /** the log, if it is open */
  peek(): KeptLog | null;
}
