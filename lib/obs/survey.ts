import { isThisMachine } from '../connection/this-machine';
import type { InputSurvey, Survey } from '../production/survey';
import type { ObsClient } from './client';
import type { RecordTracker } from './record-tracker';
import type { BatchRequest, BatchResult, RequestData } from './session';
import { Status, reasonOf } from './status-codes';
import { destinationIn } from './stream-service';
import type { StreamTracker } from './stream-tracker';
import { number, object, objects, text } from './values';

const GENERAL = [
  'GetProfileList',
  'GetSceneCollectionList',
  'GetStreamServiceSettings',
  'GetSceneList',
  'GetGroupList',
  'GetInputList',
  'GetRecordDirectory',
  'GetStats',
] as const;
/** What people miss where a request fails. */
const MISSED: Record<(typeof GENERAL)[number], string> = {
  GetProfileList: 'profile',
  GetSceneCollectionList: 'collection',
  GetStreamServiceSettings: 'destination',
  GetSceneList: 'scenes',
  GetGroupList: 'groups',
  GetInputList: 'inputs',
  GetRecordDirectory: 'folder',
  GetStats: 'disk',
};
/** What of the profile tells bitrates and the audio track. */
const PARAMETERS = [
  'Output/Mode',
  'SimpleOutput/VBitrate',
  'SimpleOutput/ABitrate',
  'SimpleOutput/RecQuality',
  'AdvOut/TrackIndex',
] as const;
const OF_INPUT = [
  'GetInputMute',
  'GetInputVolume',
  'GetInputAudioMonitorType',
  'GetInputAudioTracks',
  'GetSourceActive',
] as const;
/** More in one batch would hold up everybody else on this connection. */
const INPUTS_AT_ONCE = 50;

type General = (typeof GENERAL)[number];
type Parameter = (typeof PARAMETERS)[number];

/** What a check before the show wants to know of an OBS, read in a few batches. Rejects with the connection's codes. */
export async function readSurvey(
  client: ObsClient,
  simulated: boolean,
  stream: StreamTracker,
  record: RecordTracker,
): Promise<Survey> {
  const unknown: Record<string, string> = {};
  const { general, parameters } = await readGeneral(client, unknown);
  // an OBS that is loading refuses everything, and would be asked again and again
  if (general.GetStats) {
    await stream.read();
    await record.read();
  }
  const { GetSceneList: list, GetStats: stats } = general;
  const names = objects(general.GetInputList?.inputs).flatMap((input) => text(input.inputName) ?? []);
  const kinds = new Map(
    objects(general.GetInputList?.inputs).map((input) => [text(input.inputName), text(input.inputKind)]),
  );
  const groups = Array.isArray(general.GetGroupList?.groups) ? general.GetGroupList.groups : [];
  const scenes = list
    ? objects(list.scenes)
        .sort((a, b) => (number(b.sceneIndex) ?? 0) - (number(a.sceneIndex) ?? 0))
        .flatMap((scene) => text(scene.sceneName) ?? [])
    : null;
  const service = general.GetStreamServiceSettings;
  const settings = object(service?.streamServiceSettings);
  const { streamKbps, recordKbps } = bitrates(parameters);
  if (streamKbps === null)
    unknown.bitrate = 'OBS tells the bitrate of its encoder only where Output Mode is Simple';
  const advanced = parameters['Output/Mode'] === 'Advanced';
  return {
    where: client.where,
    version: client.version?.obs ?? null,
    simulated,
    profile: text(general.GetProfileList?.currentProfileName),
    collection: text(general.GetSceneCollectionList?.currentSceneCollectionName),
    stream: {
      state: stream.state,
      destination: service ? destinationIn({ type: text(service.streamServiceType) ?? '', settings }) : null,
      bandwidthTest: service ? settings.bwtest === true : null,
      bitrateKbps: streamKbps,
      audioTrack: advanced ? Number(parameters['AdvOut/TrackIndex']) || 1 : 1,
    },
    recording: {
      state: record.state,
      folder: text(general.GetRecordDirectory?.recordDirectory),
      freeDiskMegabytes: number(stats?.availableDiskSpace),
      bitrateKbps: recordKbps,
    },
    scenes,
    program: text(list?.currentProgramSceneName),
    sources: general.GetInputList
      ? [...(scenes ?? []), ...groups.filter((name): name is string => typeof name === 'string'), ...names]
      : null,
    inputs: general.GetInputList ? await readInputs(client, names, kinds) : null,
    // the rehearsal's OBS lives in this very process
    here: simulated || isThisMachine(client.host),
    unknown,
  };
}

async function readGeneral(client: ObsClient, unknown: Record<string, string>) {
  const requests: BatchRequest[] = [
    ...GENERAL.map((requestType) => ({ requestType })),
    ...PARAMETERS.map((name) => {
      const [parameterCategory, parameterName] = name.split('/');
      return { requestType: 'GetProfileParameter', requestData: { parameterCategory, parameterName } };
    }),
  ];
  const results = await client.batch(requests);
  const general = Object.fromEntries(
    GENERAL.map((name, index) => {
      const answer = answerOf(results[index]);
      if (answer === null) unknown[MISSED[name]] = whyNot(results[index]);
      return [name, answer];
    }),
  ) as Record<General, RequestData | null>;
  const parameters = Object.fromEntries(
    PARAMETERS.map((name, index) => {
      const answer = answerOf(results[GENERAL.length + index]);
      return [name, text(answer?.parameterValue) ?? text(answer?.defaultParameterValue)];
    }),
  ) as Record<Parameter, string | null>;
  return { general, parameters };
}

async function readInputs(
  client: ObsClient,
  names: string[],
  kinds: ReadonlyMap<string | null, string | null>,
): Promise<InputSurvey[]> {
  const inputs: InputSurvey[] = [];
  for (let from = 0; from < names.length; from += INPUTS_AT_ONCE) {
    const some = names.slice(from, from + INPUTS_AT_ONCE);
    const results = await client.batch(
      some.flatMap((name) =>
        OF_INPUT.map((requestType) => ({
          requestType,
          requestData: requestType === 'GetSourceActive' ? { sourceName: name } : { inputName: name },
        })),
      ),
    );
    for (const [index, name] of some.entries()) {
      const own = results.slice(index * OF_INPUT.length, (index + 1) * OF_INPUT.length);
      const [mute, volume, monitor, tracks, active] = own.map(answerOf);
      // an input without sound is refused, anything else is not known
      const mutes = own[0]?.requestStatus;
      inputs.push({
        name,
        kind: kinds.get(name) ?? '',
        audio: mutes?.result ? true : mutes?.code === Status.InvalidResourceState ? false : null,
        muted: typeof mute?.inputMuted === 'boolean' ? mute.inputMuted : null,
        volumeDb: number(volume?.inputVolumeDb),
        active: typeof active?.videoActive === 'boolean' ? active.videoActive : null,
        monitorOnly: text(monitor?.monitorType)?.endsWith('_MONITOR_ONLY') ?? null,
        tracks: tracks ? tracksOf(tracks) : null,
      });
    }
  }
  return inputs;
}

function tracksOf(answer: RequestData): number[] {
  return Object.entries(object(answer.inputAudioTracks))
    .filter(([, on]) => on === true)
    .map(([track]) => Number(track));
}

/** Simple mode tells both; advanced mode keeps its encoders' settings to itself. */
function bitrates(parameters: Record<Parameter, string | null>) {
  if (parameters['Output/Mode'] !== 'Simple') return { streamKbps: null, recordKbps: null };
  const [video, audio] = [
    Number(parameters['SimpleOutput/VBitrate']),
    Number(parameters['SimpleOutput/ABitrate']),
  ];
  const streamKbps = video > 0 && audio > 0 ? video + audio : null;
  // any other quality has no bitrate that could be told beforehand
  return { streamKbps, recordKbps: parameters['SimpleOutput/RecQuality'] === 'Stream' ? streamKbps : null };
}

function answerOf(result: BatchResult | undefined): RequestData | null {
  return result?.requestStatus.result ? (result.responseData ?? {}) : null;
}

function whyNot(result: BatchResult | undefined): string {
  return result
    ? reasonOf(result.requestStatus.code, result.requestStatus.comment)
    : 'OBS answered less than it was asked';
}
