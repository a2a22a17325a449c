/**
 * The names of functions by the first version whose list has them (23: that or older). `{1-8}` and `{A,B}` stand for a name each.
 * vMix answers 500 to any other over HTTP. Source: the function lists of vMix 23 to 29.
 */
const NAMES: Readonly<Record<number, string>> = {
  23: `
    StartStreaming StopStreaming StartStopStreaming StreamingSetURL StreamingSetKey StreamingSetUsername
    StreamingSetPassword StartRecording StopRecording StartStopRecording WriteDurationToRecordingLog
    StartMultiCorder StopMultiCorder StartStopMultiCorder StartExternal StopExternal StartStopExternal
    Fullscreen FullscreenOn FullscreenOff SetOutput{2,3,4} SetOutputFullscreen{,2} Snapshot SnapshotInput
    Cut CutDirect Fade Merge
    {Wipe,WipeReverse,VerticalWipe,VerticalWipeReverse,Slide,SlideReverse,VerticalSlide,VerticalSlideReverse}
    {Fly,FlyRotate,Zoom,CrossZoom,Cube,CubeZoom} Stinger{1-4} Transition{1-4} SetTransitionEffect{1-4}
    SetTransitionDuration{1-4} SetFader FadeToBlack QuickPlay ActiveInput PreviewInput
    PreviewInput{Next,Previous} SetDynamicInput{1-4} OverlayInput{1-4} OverlayInput{1-4}In
    OverlayInput{1-4}Out OverlayInput{1-4}Off OverlayInput{1-4}Zoom PreviewOverlayInput{1-4}
    OverlayInputAllOff Play Pause PlayPause Restart SetPosition Loop{On,Off} LivePlayPause SetRate
    SetRateSlowMotion Auto{Play,Pause,Restart}{On,Off} MarkIn MarkOut MarkReset{,In,Out} WaitForCompletion
    NextItem PreviousItem NextPicture PreviousPicture SelectIndex ListAdd ListRemove ListRemoveAll
    ListShuffle ListExport ListPlayOut ListShowHide AutoPlayFirst AutoPlayFirst{On,Off} AutoPlayNext
    AutoPlayNext{On,Off} AddInput RemoveInput ResetInput MoveInput SetInputName InputPreview{Show,Hide}
    InputPreviewShowHide SelectCategory Deinterlace{On,Off} Mirror{On,Off} Sharpen{On,Off} SetAlpha
    SetPan{X,Y} SetZoom ColourCorrectionAuto ColourCorrectionReset SetCCGain{R,G,B,RGB}
    SetCC{Lift,Gamma}{R,G,B,RGB} SetCC{Hue,Saturation} SetPictureEffect SetPictureEffectDuration
    SetPictureTransition VideoDelay{Start,Stop}Recording VideoDelayStartStopRecording SaveVideoDelay
    Layer{On,Off} LayerOnOff SetLayer MoveLayer MultiViewOverlay MultiViewOverlay{On,Off}
    SetMultiViewOverlay MoveMultiViewOverlay SetText SetTextColour SetTextVisible SetTextVisible{On,Off}
    SetImage SetImageVisible SetImageVisible{On,Off} SetTickerSpeed StartCountdown StopCountdown
    PauseCountdown SuspendCountdown SetCountdown ChangeCountdown AdjustCountdown TitleBeginAnimation
    {Next,Previous}TitlePreset SelectTitlePreset PauseRender ResumeRender VideoCallAudioSource
    VideoCallVideoSource Audio Audio{On,Off} AudioAuto AudioAuto{On,Off} AudioBus AudioBus{On,Off} SetVolume
    SetVolumeFade SetBalance SetGain{,Channel1,Channel2} SetVolumeChannel{1,2} SetVolumeChannelMixer Solo
    Solo{On,Off} AudioChannelMatrixApplyPreset AudioPlugin{On,Off,Show} AudioPluginOnOff AudioMixerShowHide
    MasterAudio MasterAudio{On,Off} SetMasterVolume SetHeadphonesVolume MasterAudioPlugin{On,Off,Show}
    MasterAudioPluginOnOff Bus{A,B}Audio Bus{A,B}Audio{On,Off} Bus{A,B}AudioPlugin{On,Off,Show}
    Bus{A,B}AudioPluginOnOff BusXAudio BusXAudio{On,Off} BusXAudioPlugin{On,Off,Show} BusXAudioPluginOnOff
    BusXSendToMaster BusXSendToMaster{On,Off} BusXSolo BusXSolo{On,Off} SetBus{A,B,C,D,E,F,G}Volume PTZHome
    PTZMove{Up,Down,Left,Right,UpLeft,UpRight,DownLeft,DownRight} PTZMoveStop PTZZoom{In,Out} PTZZoomStop
    PTZFocus{Auto,Manual} PTZFocus{Near,Far} PTZFocusStop PTZCreateVirtualInput PTZUpdateVirtualInput
    PTZMoveToVirtualInputPosition PTZMoveToVirtualInputPositionByIndex NDISelectSourceByName
    NDISelectSourceByIndex NDICommand NDI{Start,Stop}Recording StartPlayList StopPlayList SelectPlayList
    {Next,Previous}PlayListEntry DataSourcePlay DataSourcePause DataSourcePlayPause
    DataSource{Next,Previous}Row DataSourceSelectRow DataSourceAutoNext{On,Off} DataSourceAutoNextOnOff
    BrowserNavigate Browser{Back,Forward,Reload} BrowserKeyboard{Enabled,Disabled}
    BrowserMouse{Enabled,Disabled} OpenPreset LastPreset SavePreset SetDynamicValue{1-4} ActivatorRefresh
    CallManagerShowHide ScriptStart ScriptStartDynamic ScriptStop ScriptStopAll ScriptStopDynamic KeyPress
    SendKeys ReplayStartRecording ReplayStopRecording ReplayLive ReplayRecorded ReplayLiveToggle
    ReplayShowHide ReplayMarkIn{,Live,Recorded,RecordedNow} ReplayMarkOut ReplayMarkCancel
    ReplayMarkInOut{,Live,Recorded} ReplayPlay ReplayPause ReplayPlayPause
    ReplayPlay{Forward,Backward,Next,Previous} ReplayPlay{LastEvent,SelectedEvent,AllEvents}
    ReplayPlay{LastEvent,SelectedEvent,AllEvents}ToOutput ReplayPlayEvent{,ToOutput}
    ReplayPlayEventsByID{,ToOutput} ReplayStopEvents ReplayChangeDirection
    ReplaySetDirection{Forward,Backward} ReplayChangeSpeed ReplaySetSpeed ReplayFast{Forward,Backward}
    ReplayJumpFrames ReplayJumpToNow ReplayCamera{1-8} Replay{A,B}Camera{1-8} ReplaySetAudioSource
    ReplaySelectEvents{1-8} ReplaySelect{First,Last,Next,Previous}Event
    Replay{Copy,Move}{Last,Selected}Event ReplayMoveSelectedEvent{Up,Down}
    Replay{Delete,Duplicate}{Last,Selected}Event ReplayExportLastEvent ReplayMoveSelected{In,Out}Point
    ReplayUpdateSelected{In,Out}Point ReplayUpdateSelectedSpeed ReplaySet{Last,Selected}EventText
    ReplaySet{Last,Selected}EventTextCamera Replay{Last,Selected}EventCamera{On,Off}
    Replay{Last,Selected}EventSingleCameraOn ReplayToggle{Last,Selected}EventCamera{1-8}
  `,
  24: `
    StartSRTOutput StopSRTOutput StartStopSRTOutput SetOutputExternal2 CreateVirtualInput
    ReplayStartStopRecording ReplayJumpFramesFast{On,Off} ReplaySwapChannels ReplaySelectChannel{A,B,AB}
    ReplaySelectEvents{9-20} ReplaySelectAllEvents ReplayUpdateSelectedSpeedDefault
  `,
  25: `
    OverlayInput{1-4}Last
  `,
  26: `
    SetColor ReplayMarkInOutLiveFuture ReplaySetTimecode ReplaySetChannel{A,B}To{A,B}Timecode
  `,
  27: `
    Loop Undo Effect{1-4} Effect{1-4}{On,Off} SetEffect{1-4}Strength SetCrop SetCrop{X,Y}{1,2} SetFrameDelay
    SetCCGainY SetCC{Lift,Gamma}Y SetLayer{1-10}Pan{X,Y} SetLayer{1-10}{X,Y,Width,Height}
    SetLayer{1-10}Rectangle SetLayer{1-10}Zoom SetLayer{1-10}Crop SetLayer{1-10}Crop{X,Y}{1,2}
    SetVolumeChannelMixer{1-16}
  `,
  28: `
    SetStingerGTInput{1-4} SetLayerAnimated SwapLayerAnimated SetLayerDynamicPan{X,Y}
    SetLayerDynamic{X,Y,Width,Height} SetLayerDynamicRectangle SetLayerDynamicZoom SetLayerDynamicCrop
    SetLayerDynamicCrop{X,Y}{1,2} VideoCallConnect VideoCallReconnect ZoomJoinMeeting
    ZoomSelectParticipantByName Zoom{MuteSelf,UnMuteSelf} SetVolumeBusMixer
    SetVolumeBusMixer{M,A,B,C,D,E,F,G} SoloAllOff SoloPFL SoloPFL{On,Off} SetMasterVolumeFade
    SetBus{A,B,C,D,E,F,G}VolumeFade ReplayJumpToSelected{In,Out}Point
    ReplaySetChannel{A,B}To{A,B}TimecodeAndCamera ReplayScrollSelectedEvent
    ReplayUpdateSelectedSpeedFromValue
  `,
  29: `
    Stinger{5-8} SetStingerGTInput{5-8} OverlayInput{5-8} OverlayInput{5-8}In OverlayInput{5-8}Out
    OverlayInput{5-8}Off OverlayInput{5-8}Last OverlayInput{5-8}Zoom PreviewOverlayInput{5-8} GO
    OMTSelectSourceByName OMTSelectSourceByIndex Replay{C,D}Camera{1-8} ReplayAppend{Last,Selected}EventText
    ReplayAppend{Last,Selected}EventTextCamera ReplayQuadMode{On,Off} ReplayToggleQuadMode
  `,
};

/** The names that a version knows, in lower case as it compares them. */
export function namesOf(major: number): ReadonlySet<string> {
  const known = Object.entries(NAMES).filter(([since]) => Number(since) <= major);
  return new Set(
    known.flatMap(([, names]) =>
      names
        .trim()
        .split(/\s+/)
        .flatMap(spelled)
        // a replay channel is not set to itself
        .filter((name) => !/Channel(AToA|BToB)/.test(name))
        .map((name) => name.toLowerCase()),
    ),
  );
}

function spelled(pattern: string): string[] {
  const [, before = '', choice, after = ''] = /^([^{]*)\{([^}]*)\}(.*)$/.exec(pattern) ?? [];
  if (choice === undefined) return [pattern];
  const [first, last] = choice.split('-').map(Number);
  const options =
    first !== undefined && last !== undefined && last >= first
      ? Array.from({ length: last - first + 1 }, (_, index) => String(first + index))
      : choice.split(',');
  return options.flatMap((option) => spelled(`${before}${option}${after}`));
}
