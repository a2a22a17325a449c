import type { CallOptions, ObsClient } from './client';
import { text } from './values';

/** What OBS uses when a delay is switched on and no length was ever set. Source: OBS 29, Output/DelaySec. */
export const DEFAULT_DELAY_S = 20;

/** The stream delay set in OBS, in milliseconds; 0 when it is off or cannot be read. `how` says how urgent it is. */
export async function streamDelayMs(client: ObsClient, how: CallOptions = {}): Promise<number> {
  const parameter = async (name: string) => {
    const answer = await client.call(
      'GetProfileParameter',
      { parameterCategory: 'Output', parameterName: name },
      how,
    );
    return text(answer.parameterValue) ?? text(answer.defaultParameterValue);
  };
  try {
    if ((await parameter('DelayEnable')) !== 'true') return 0;
    return (Number(await parameter('DelaySec')) || DEFAULT_DELAY_S) * 1000;
  } catch {
    return 0;
  }
}
