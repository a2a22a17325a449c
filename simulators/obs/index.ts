import { Simulator } from './simulator';
import type { ObsSimulator, ObsSimulatorOptions } from './types';

export type { BlackWatch } from './black-watch';
export { Faults } from './faults';
export type { BatchFault, ScriptedAnswer, StreamOutcome } from './faults';
export type { SimulatedFigures, SimulatedHealth, SimulatedMedia, SimulatedPicture } from './health';
export { SimulatedPublishers } from './publishers';
export type { Presence, Publisher, SimulatedStream } from './publishers';
export type { RestoredScenes } from './saved-scenes';
export type {
  ObsProfile,
  ObsSimulator,
  ObsSimulatorOptions,
  SimulatedCall,
  SimulatedItem,
  SimulatedRecordState,
  SimulatedState,
  SimulatedStreamState,
} from './types';

/**
 * Start a simulated OBS on a port of this machine. Resolves when it listens; rejects when the port cannot be had (the error
 * of node:net, e.g. EADDRINUSE). Everything it does keeps to the delays measured on a real OBS, divided by `speed`.
 */
export async function startObsSimulator(options: ObsSimulatorOptions = {}): Promise<ObsSimulator> {
  const simulator = new Simulator(options);
  await simulator.listen();
  return simulator;
}
