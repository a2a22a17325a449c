import type { ObsProfile } from '../types';

/** What a real OBS 29.0.2 (obs-websocket 5.1.0) lists: 137 documented requests and 4 undocumented ones. */
const REQUESTS_29 = `
  BroadcastCustomEvent CallVendorRequest CreateInput CreateProfile CreateScene CreateSceneCollection
  CreateSceneItem CreateSourceFilter DuplicateSceneItem GetCurrentPreviewScene GetCurrentProgramScene
  GetCurrentSceneTransition GetCurrentSceneTransitionCursor GetGroupList GetGroupSceneItemList
  GetHotkeyList GetInputAudioBalance GetInputAudioMonitorType GetInputAudioSyncOffset GetInputAudioTracks
  GetInputDefaultSettings GetInputKindList GetInputList GetInputMute GetInputPropertiesListPropertyItems
  GetInputSettings GetInputVolume GetLastReplayBufferReplay GetMediaInputStatus GetMonitorList
  GetOutputList GetOutputSettings GetOutputStatus GetPersistentData GetProfileList GetProfileParameter
  GetRecordDirectory GetRecordStatus GetReplayBufferStatus GetSceneCollectionList GetSceneItemBlendMode
  GetSceneItemEnabled GetSceneItemId GetSceneItemIndex GetSceneItemList GetSceneItemLocked
  GetSceneItemPrivateSettings GetSceneItemTransform GetSceneList GetSceneSceneTransitionOverride
  GetSceneTransitionList GetSourceActive GetSourceFilter GetSourceFilterDefaultSettings
  GetSourceFilterList GetSourcePrivateSettings GetSourceScreenshot GetSpecialInputs GetStats
  GetStreamServiceSettings GetStreamStatus GetStudioModeEnabled GetTransitionKindList GetVersion
  GetVideoSettings GetVirtualCamStatus OffsetMediaInputCursor OpenInputFiltersDialog
  OpenInputInteractDialog OpenInputPropertiesDialog OpenSourceProjector OpenVideoMixProjector PauseRecord
  PressInputPropertiesButton RemoveInput RemoveProfile RemoveScene RemoveSceneItem RemoveSourceFilter
  ResumeRecord SaveReplayBuffer SaveSourceScreenshot SendStreamCaption SetCurrentPreviewScene
  SetCurrentProfile SetCurrentProgramScene SetCurrentSceneCollection SetCurrentSceneTransition
  SetCurrentSceneTransitionDuration SetCurrentSceneTransitionSettings SetInputAudioBalance
  SetInputAudioMonitorType SetInputAudioSyncOffset SetInputAudioTracks SetInputMute SetInputName
  SetInputSettings SetInputVolume SetMediaInputCursor SetOutputSettings SetPersistentData
  SetProfileParameter SetSceneItemBlendMode SetSceneItemEnabled SetSceneItemIndex SetSceneItemLocked
  SetSceneItemPrivateSettings SetSceneItemTransform SetSceneName SetSceneSceneTransitionOverride
  SetSourceFilterEnabled SetSourceFilterIndex SetSourceFilterName SetSourceFilterSettings
  SetSourcePrivateSettings SetStreamServiceSettings SetStudioModeEnabled SetTBarPosition SetVideoSettings
  Sleep StartOutput StartRecord StartReplayBuffer StartStream StartVirtualCam StopOutput StopRecord
  StopReplayBuffer StopStream StopVirtualCam ToggleInputMute ToggleOutput ToggleRecord ToggleRecordPause
  ToggleReplayBuffer ToggleStream ToggleVirtualCam TriggerHotkeyByKeySequence TriggerHotkeyByName
  TriggerMediaInputAction TriggerStudioModeTransition`;

/** Added up to OBS 30.2 (obs-websocket 5.5); from source. */
const SINCE_30 =
  'SetRecordDirectory GetSceneItemSource GetSourceFilterKindList SplitRecordFile CreateRecordChapter';
/** Added up to OBS 32.2 (obs-websocket 5.7); from source. */
const SINCE_32 =
  'GetInputDeinterlaceMode SetInputDeinterlaceMode GetInputDeinterlaceFieldOrder SetInputDeinterlaceFieldOrder ' +
  'GetCanvasList';

const names = (text: string): string[] => text.trim().split(/\s+/);

export interface Version {
  obs: string;
  webSocket: string;
  requests: string[];
  /** scenes, inputs and transitions have `*Uuid` fields */
  uuids: boolean;
  /** answers 207 until it has loaded */
  notReady: boolean;
  /** an empty server ends in STARTING and then nothing */
  silentWithoutServer: boolean;
  /** which profile parameter names the recording format */
  recordFormat: 'RecFormat' | 'RecFormat2';
  /** how long an SRT caller waits for a listener */
  srtTimeoutMs: number;
}

/**
 * What the simulated versions differ in. `obs-29` was measured on a real OBS 29.0.2; the other two are from source, but for
 * the stream and record sequences that were measured on 30.2.3 and 32.2.2.
 */
export const VERSIONS: Record<ObsProfile, Version> = {
  'obs-29': {
    obs: '29.0.2',
    webSocket: '5.1.0',
    requests: names(REQUESTS_29),
    uuids: false,
    notReady: false,
    silentWithoutServer: false,
    recordFormat: 'RecFormat',
    srtTimeoutMs: 3000,
  },
  'obs-30': {
    obs: '30.2.3',
    webSocket: '5.5.2',
    requests: [...names(REQUESTS_29), ...names(SINCE_30)],
    uuids: true,
    notReady: true,
    silentWithoutServer: true,
    recordFormat: 'RecFormat2',
    srtTimeoutMs: 3100,
  },
  'obs-32': {
    obs: '32.2.2',
    webSocket: '5.7.4',
    requests: [...names(REQUESTS_29), ...names(SINCE_30), ...names(SINCE_32)],
    uuids: true,
    notReady: true,
    silentWithoutServer: true,
    recordFormat: 'RecFormat2',
    srtTimeoutMs: 4100,
  },
};
