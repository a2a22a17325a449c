import { Simulator } from './simulator';
import type { VmixSimulator, VmixSimulatorOptions } from './types';

export { Faults } from './faults';
export type { DocumentLook, HttpFault, StreamOutcome } from './faults';
export type { Input as SimulatedInput } from './inputs';
export type { Studio } from './studio';
export type {
  ChannelState,
  ReceivedSettings,
  SimulatedCall,
  VmixProfile,
  VmixSimulator,
  VmixSimulatorOptions,
} from './types';

/**
 * Start a simulated vMix on two ports of this machine. Resolves when it listens; rejects when a port cannot be had (the error of
 * node:net, e.g. EADDRINUSE). All its delays are divided by `speed`.
 */
export async function startVmixSimulator(options: VmixSimulatorOptions = {}): Promise<VmixSimulator> {
  const simulator = new Simulator(options);
  await simulator.listen();
  return simulator;
}
