/** `EventSubscription` of the protocol, here and not from the library, which is loaded with the first connection. */
const Mask = {
  General: 1 << 0,
  Config: 1 << 1,
  Scenes: 1 << 2,
  Inputs: 1 << 3,
  Transitions: 1 << 4,
  Filters: 1 << 5,
  Outputs: 1 << 6,
  SceneItems: 1 << 7,
  MediaInputs: 1 << 8,
  Vendors: 1 << 9,
  Ui: 1 << 10,
  Canvases: 1 << 11,
  All: (1 << 12) - 1,
  InputVolumeMeters: 1 << 16,
  InputActiveStateChanged: 1 << 17,
  InputShowStateChanged: 1 << 18,
  SceneItemTransformChanged: 1 << 19,
} as const;

/**
 * Which subscription carries which event. Source: the generated protocol of obs-websocket 5.7 (`eventSubscription` of
 * each event). Events of a newer OBS are not here: they are asked for with every ordinary category.
 */
const BY_MASK: Record<number, string> = {
  [Mask.General]: 'ExitStarted VendorEvent CustomEvent',
  [Mask.Config]:
    'CurrentSceneCollectionChanging CurrentSceneCollectionChanged SceneCollectionListChanged CurrentProfileChanging CurrentProfileChanged ProfileListChanged',
  [Mask.Scenes]:
    'SceneCreated SceneRemoved SceneNameChanged CurrentProgramSceneChanged CurrentPreviewSceneChanged SceneListChanged',
  [Mask.Inputs]:
    'InputCreated InputRemoved InputNameChanged InputSettingsChanged InputMuteStateChanged InputVolumeChanged InputAudioBalanceChanged InputAudioSyncOffsetChanged InputAudioTracksChanged InputAudioMonitorTypeChanged',
  [Mask.Transitions]:
    'CurrentSceneTransitionChanged CurrentSceneTransitionDurationChanged SceneTransitionStarted SceneTransitionEnded SceneTransitionVideoEnded',
  [Mask.Filters]:
    'SourceFilterListReindexed SourceFilterCreated SourceFilterRemoved SourceFilterNameChanged SourceFilterSettingsChanged SourceFilterEnableStateChanged',
  [Mask.Outputs]:
    'StreamStateChanged RecordStateChanged RecordFileChanged ReplayBufferStateChanged VirtualcamStateChanged ReplayBufferSaved',
  [Mask.SceneItems]:
    'SceneItemCreated SceneItemRemoved SceneItemListReindexed SceneItemEnableStateChanged SceneItemLockStateChanged SceneItemSelected',
  [Mask.MediaInputs]: 'MediaInputPlaybackStarted MediaInputPlaybackEnded MediaInputActionTriggered',
  [Mask.Ui]: 'StudioModeStateChanged ScreenshotSaved',
  [Mask.Canvases]: 'CanvasCreated CanvasRemoved CanvasNameChanged',
  [Mask.InputVolumeMeters]: 'InputVolumeMeters',
  [Mask.InputActiveStateChanged]: 'InputActiveStateChanged',
  [Mask.InputShowStateChanged]: 'InputShowStateChanged',
  [Mask.SceneItemTransformChanged]: 'SceneItemTransformChanged',
};

const MASK_OF = new Map<string, number>(
  Object.entries(BY_MASK).flatMap(([mask, names]) =>
    names.split(' ').map((name) => [name, Number(mask)] as const),
  ),
);
// vendor events come by their own category
MASK_OF.set('VendorEvent', Mask.Vendors);

/** Every raw event name known, for the dialog's list. */
export const RAW_EVENT_NAMES: readonly string[] = [...MASK_OF.keys()].sort();

/** The subscription mask that brings exactly these events; unknown names ask for every ordinary category. */
export function maskFor(names: Iterable<string>): number {
  let mask = 0;
  for (const name of names) mask |= MASK_OF.get(name) ?? Mask.All;
  return mask;
}
