// What the benchmark and its Node-RED say to each other.

/** Publishers with keys; each leaves before he comes again. */
export const PEOPLE = 200;
export const BARE_PATH = '/hook';

/** From the Node-RED, once its flow runs. */
export interface Ready {
  kind: 'ready';
  gatePort: number;
  gatePath: string;
  barePort: number;
  /** what each publishes as: `id?key=…` */
  streamKeys: string[];
}

/** What of the processor the Node-RED has used so far, in all its threads, and how many have joined and left its queue. */
export interface Used {
  kind: 'used';
  cpuMs: number;
}
