import { functionsOf } from './rows';

/** Streams, recordings and other outputs, switching, overlays. Source of names and parameters: the function lists of vMix 23 to 29. */
export const PRODUCTION = [
  ...functionsOf(
    'streams and recordings',
    `
StartStreaming | V | stream, from 0 (blank would start all) | start a stream
StopStreaming | V | stream, from 0 (blank would stop all) | stop a stream
StartStopStreaming | V | stream, from 0 (blank would switch all) | start or stop a stream, whichever is due | | t
StreamingSetURL | V | stream from 0, a comma, the address | set the address of a stream whose destination is Custom RTMP Server | | s
StreamingSetKey | V | stream from 0, a comma, the key | set the key of a stream whose destination is Custom RTMP Server | | s
StreamingSetUsername | V | stream from 0, a comma, the user name | set the user name of such a stream | | s
StreamingSetPassword | V | stream from 0, a comma, the password | set the password of such a stream | | s
StartSRTOutput | V | output, from 0 | send an output by SRT, as set up in vMix | 24
StopSRTOutput | V | output, from 0 | end the SRT of an output | 24
StartStopSRTOutput | V | output, from 0 | start or end the SRT of an output, whichever is due | 24 | t
StartRecording | | | start the recording
StopRecording | | | stop the recording
StartStopRecording | | | start or stop the recording, whichever is due | | t
WriteDurationToRecordingLog | v | a note to go with it | write how long the recording runs into its log
StartMultiCorder | | | start MultiCorder
StopMultiCorder | | | stop MultiCorder
StartStopMultiCorder | | | start or stop MultiCorder, whichever is due | | t
StartExternal | | | switch the external output on
StopExternal | | | switch the external output off
StartStopExternal | | | switch the external output on or off, whichever is due | | t
Fullscreen | | | switch fullscreen on or off, whichever is due | | t
FullscreenOn | | | switch fullscreen on
FullscreenOff | | | switch fullscreen off
SetOutput{2,3,4} | ViM | Output, Preview, MultiView, Replay, Mix or Input | choose what output {1} shows
SetOutputExternal2 | ViM | Output, Preview, MultiView, Replay, Mix or Input | choose what the second external output shows | 24
SetOutputFullscreen{,2} | ViM | Output, Preview, MultiView, Replay, Mix or Input | choose what fullscreen {1} shows
Snapshot | V | file on the vMix machine (blank would open a window there) | save a picture of the program
SnapshotInput | IV | file on the vMix machine (blank would open a window there) | save a picture of an input
`,
  ),
  ...functionsOf(
    'switching',
    `
Cut | iM | | exchange program and preview, or cut to an input
CutDirect | I | | cut to an input and leave the preview alone
Fade | idM | | fade to an input
Merge | id | | merge into an input
{Wipe,WipeReverse,VerticalWipe,VerticalWipeReverse,Slide,SlideReverse,VerticalSlide,VerticalSlideReverse} | id | | go to an input by the effect {1}
{Fly,FlyRotate,Zoom,CrossZoom,Cube,CubeZoom} | id | | go to an input by the effect {1}
Stinger{1-4} | iM | | go to an input by stinger {1}
Stinger{5-8} | iM | | go to an input by stinger {1} | 29
Transition{1-4} | | | press transition button {1}
SetTransitionEffect{1-4} | V | name of the effect | choose the effect of transition button {1}
SetTransitionDuration{1-4} | V | milliseconds | set how long transition button {1} takes
SetStingerGTInput{1-4} | I | | take a title as the animation of stinger {1} | 28
SetStingerGTInput{5-8} | I | | take a title as the animation of stinger {1} | 29
SetFader | V | 0 to 255; 255 arrives at the preview | move the fader bar
FadeToBlack | | | fade to black or back, whichever is due | | t
QuickPlay | I | | put an input on air and play it from its start
ActiveInput | IM | | put an input on air
PreviewInput | IM | | put an input into the preview
PreviewInput{Next,Previous} | | | put the neighbour of the preview into the preview: {1}
SetDynamicInput{1-4} | V | key, number or title of an input | remember an input as dynamic input {1}
`,
  ),
  ...functionsOf(
    'overlays',
    `
OverlayInput{1-4} | IM | | show an input in overlay {1} or take it away, whichever is due | | t
OverlayInput{1-4}In | IM | | show an input in overlay {1}
OverlayInput{1-4}Out | | | take overlay {1} away with its transition
OverlayInput{1-4}Off | | | take overlay {1} away at once
OverlayInput{1-4}Last | M | | show the last input of overlay {1} or take it away, whichever is due | 25 | t
OverlayInput{1-4}Zoom | | | enlarge overlay {1} to the whole picture or back, whichever is due | | t
PreviewOverlayInput{1-4} | I | | show an input in overlay {1} of the preview or take it away, whichever is due | | t
OverlayInput{5-8} | IM | | show an input in overlay {1} or take it away, whichever is due | 29 | t
OverlayInput{5-8}In | IM | | show an input in overlay {1} | 29
OverlayInput{5-8}Out | | | take overlay {1} away with its transition | 29
OverlayInput{5-8}Off | | | take overlay {1} away at once | 29
OverlayInput{5-8}Last | M | | show the last input of overlay {1} or take it away, whichever is due | 29 | t
OverlayInput{5-8}Zoom | | | enlarge overlay {1} to the whole picture or back, whichever is due | 29 | t
PreviewOverlayInput{5-8} | I | | show an input in overlay {1} of the preview or take it away, whichever is due | 29 | t
OverlayInputAllOff | | | take every overlay away at once
`,
  ),
];
