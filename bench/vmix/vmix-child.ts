// vmix-child.ts N: a simulated vMix with N inputs in a process of its own. Says its ports; `change` starts or stops its
// recording, and it says when.
import { startVmixSimulator } from '../../simulators/vmix';

async function main(): Promise<void> {
  const simulator = await startVmixSimulator({ inputs: Number(process.argv[2]) });
  process.on('message', (message) => {
    if (message === 'change') {
      simulator.studio.record(!simulator.studio.recording.on, 0);
      process.send?.({ changedAt: performance.timeOrigin + performance.now() });
    }
    if (message === 'requests') process.send?.({ requests: simulator.stateRequests });
  });
  process.send?.({ httpPort: simulator.httpPort, tcpPort: simulator.tcpPort });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
