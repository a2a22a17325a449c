const BY_INTENT: Record<number, string> = {
  1: 'ExitStarted CustomEvent',
  2:
    'CurrentSceneCollectionChanging CurrentSceneCollectionChanged SceneCollectionListChanged CurrentProfileChanging ' +
    'CurrentProfileChanged ProfileListChanged',
  4: 'SceneCreated SceneRemoved SceneNameChanged CurrentProgramSceneChanged CurrentPreviewSceneChanged SceneListChanged',
  8:
    'InputCreated InputRemoved InputNameChanged InputSettingsChanged InputMuteStateChanged InputVolumeChanged ' +
    'InputAudioBalanceChanged InputAudioSyncOffsetChanged InputAudioTracksChanged InputAudioMonitorTypeChanged',
  16:
    'CurrentSceneTransitionChanged CurrentSceneTransitionDurationChanged SceneTransitionStarted SceneTransitionEnded ' +
    'SceneTransitionVideoEnded',
  32:
    'SourceFilterListReindexed SourceFilterCreated SourceFilterRemoved SourceFilterNameChanged ' +
    'SourceFilterSettingsChanged SourceFilterEnableStateChanged',
  64:
    'StreamStateChanged RecordStateChanged RecordFileChanged ReplayBufferStateChanged VirtualcamStateChanged ' +
    'ReplayBufferSaved',
  128:
    'SceneItemCreated SceneItemRemoved SceneItemListReindexed SceneItemEnableStateChanged SceneItemLockStateChanged ' +
    'SceneItemSelected',
  256: 'MediaInputPlaybackStarted MediaInputPlaybackEnded MediaInputActionTriggered',
  512: 'VendorEvent',
  1024: 'StudioModeStateChanged ScreenshotSaved',
  2048: 'CanvasCreated CanvasRemoved CanvasNameChanged',
  65536: 'InputVolumeMeters',
  131072: 'InputActiveStateChanged',
  262144: 'InputShowStateChanged',
  524288: 'SceneItemTransformChanged',
};

const INTENTS = new Map<string, number>(
  Object.entries(BY_INTENT).flatMap(([intent, names]) =>
    names.split(' ').map((name) => [name, Number(intent)] as const),
  ),
);

/** Events a client gets that asks for nothing in particular: all but the high-volume ones. */
export const ALL_EVENTS = 2047;
export const VOLUME_METERS = 65536;

/** The subscription bit an event needs; unknown events count as general ones, so that tests can invent some. */
export function intentOf(eventType: string): number {
  return INTENTS.get(eventType) ?? 1;
}
