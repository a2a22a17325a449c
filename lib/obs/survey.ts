import type { Survey } from '../production/survey';
import type { ObsClient } from './client';
import type { RecordTracker } from './record-tracker';
import type { ObsScenes } from './scenes';
import type { StreamTracker } from './stream-tracker';

/** What a check before the show wants to know of an OBS. */
export async function readSurvey(
  client: ObsClient,
  simulated: boolean,
  stream: StreamTracker,
  record: RecordTracker,
  scenes: ObsScenes,
): Promise<Survey> {
  const { scenes: names, program } = await scenes.list();
  return {
    where: client.where,
    version: client.version?.obs ?? null,
    simulated,
    profile: null,
    collection: null,
    stream: {
      state: stream.state,
      service: stream.info.service,
      server: stream.info.server,
      keySet: null,
      bandwidthTest: stream.info.bandwidthTest,
      address: null,
    },
    recording: { state: record.state, folder: null, freeDiskMegabytes: null },
    scenes: names,
    program,
    inputs: null,
    here: false,
    unknown: {},
  };
}
