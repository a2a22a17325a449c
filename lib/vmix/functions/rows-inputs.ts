import { functionsOf } from './rows';

/** Inputs, their layers, titles, calls. Source of names and parameters: the function lists of vMix 23 to 29. */
export const INPUTS = [
  ...functionsOf(
    'inputs',
    `
Play | I | | play
Pause | I | | pause
PlayPause | I | | play or pause, whichever is due | | t
Restart | I | | go to the start
SetPosition | IV | milliseconds | go to a position
Loop | I | | play in a loop or not, whichever is due | 27 | t
Loop{On,Off} | I | | play in a loop: {1}
LivePlayPause | I | | freeze a live picture or let it run, whichever is due | | t
SetRate | IV | 0.1 to 4, where 1 is normal | set the speed
SetRateSlowMotion | IV | 0 to 1, where 1 is normal | set the speed of slow motion
Auto{Play,Pause,Restart}{On,Off} | I | | by itself {1} with a transition: {2}
MarkIn | I | | play from here on
MarkOut | I | | play up to here
MarkReset{,In,Out} | I | | forget the marked part {1}
WaitForCompletion | ID | | wait until a video has played to its end
NextItem | I | | next item of a list
PreviousItem | I | | previous item of a list
NextPicture | I | | next picture or slide
PreviousPicture | I | | previous picture or slide
SelectIndex | IV | item, from 1 | choose an item of a list, a picture, or a position of a virtual set
ListAdd | IV | file on the vMix machine | add a file to a list
ListRemove | IV | item, from 1 | take an item out of a list
ListRemoveAll | I | | empty a list
ListShuffle | I | | put a list into a random order
ListExport | IV | file on the vMix machine | save a list as a file
ListPlayOut | I | | play a list out
ListShowHide | I | | show or hide the window of a list, whichever is due | | t
AutoPlayFirst | I | | play a list from its first item with a transition or not, whichever is due | | t
AutoPlayFirst{On,Off} | I | | play a list from its first item with a transition: {1}
AutoPlayNext | I | | go on to the next item of a list or not, whichever is due | | t
AutoPlayNext{On,Off} | I | | go on to the next item of a list by itself: {1}
AddInput | V | type, a bar, file or address | add an input
RemoveInput | I | | remove an input
ResetInput | I | | reset an input
CreateVirtualInput | I | | make a virtual input of an input | 24
MoveInput | IV | new number, from 1 | move an input to another place; numbers of others change too
SetInputName | IV | the new title | rename an input
Undo | | | bring back the input that was closed last | 27
InputPreview{Show,Hide} | I | | large preview of an input: {1}
InputPreviewShowHide | I | | show or hide the large preview, whichever is due | | t
SelectCategory | V | All, a colour, Custom1 to Custom16, or Search | show a category of inputs
Deinterlace{On,Off} | I | | deinterlace: {1}
Mirror{On,Off} | I | | mirror: {1}
Sharpen{On,Off} | I | | sharpen: {1}
Effect{1-4} | I | | switch effect {1} on or off, whichever is due | 27 | t
Effect{1-4}{On,Off} | I | | effect {1}: {2} | 27
SetEffect{1-4}Strength | IV | 0 to 1 | set how strong effect {1} is | 27
SetAlpha | IV | 0 (transparent) to 255 | set the transparency
SetPan{X,Y} | IV | -2 to 2, where 0 is the middle | move the picture: {1}
SetZoom | IV | 0 to 5, where 1 is the whole picture | enlarge the picture
SetCrop | IV | X1,Y1,X2,Y2, each 0 to 1 | crop the picture | 27
SetCrop{X,Y}{1,2} | IV | 0 to 1 | crop one side of the picture: {1}{2} | 27
SetFrameDelay | IV | frames | delay an input | 27
ColourCorrectionAuto | I | | correct the colours by itself
ColourCorrectionReset | I | | take back what was corrected of the colours
SetCCGain{R,G,B,RGB} | IV | 0 to 2, where 1 is the original | correct the colours: gain {1}
SetCCGainY | IV | 0 to 2, where 1 is the original | correct the colours: gain Y | 27
SetCC{Lift,Gamma}{R,G,B,RGB} | IV | -1 to 1, where 0 is the original | correct the colours: {1} {2}
SetCC{Lift,Gamma}Y | IV | -1 to 1, where 0 is the original | correct the colours: {1} Y | 27
SetCC{Hue,Saturation} | IV | -1 to 1, where 0 is the original | correct the colours: {1}
SetPictureEffect | IV | name of the effect | choose the effect between pictures
SetPictureEffectDuration | IV | milliseconds | set how long the effect between pictures takes
SetPictureTransition | IV | seconds | set how long a picture stays
VideoDelay{Start,Stop}Recording | ID | | video delay: {1} recording
VideoDelayStartStopRecording | ID | | start or stop the recording of a video delay, whichever is due | | t
SaveVideoDelay | ID | | save the end of a video delay as a clip
GO | I | | do what is set as the GO action of an input | 29
`,
  ),
  ...functionsOf(
    'layers',
    `
Layer{On,Off} | IV | layer, from 1 | a layer of an input: {1}
LayerOnOff | IV | layer, from 1 | switch a layer on or off, whichever is due | | t
SetLayer | IV | layer from 1, a comma, the input | choose what a layer shows
SetLayerAnimated | IV | layer, input, milliseconds | choose what a layer shows, with a movement | 28
MoveLayer | IV | from, to, each from 1 | move a layer to another place
SwapLayerAnimated | IV | layer, layer, milliseconds | exchange two layers, with a movement | 28
SetLayer{1-10}Pan{X,Y} | IV | -2 to 2, where 0 is the middle | move layer {1}: {2} | 27
SetLayer{1-10}{X,Y,Width,Height} | IV | pixels | set {2} of layer {1} | 27
SetLayer{1-10}Rectangle | IV | X,Y,width,height in pixels | set place and size of layer {1} | 27
SetLayer{1-10}Zoom | IV | 0 to 5, where 1 is the whole picture | enlarge layer {1} | 27
SetLayer{1-10}Crop | IV | X1,Y1,X2,Y2, each 0 to 1 | crop layer {1} | 27
SetLayer{1-10}Crop{X,Y}{1,2} | IV | 0 to 1 | crop one side of layer {1}: {2}{3} | 27
SetLayerDynamicPan{X,Y} | IV | -2 to 2, where 0 is the middle | move the layer that dynamic value 1 names: {1} | 28
SetLayerDynamic{X,Y,Width,Height} | IV | pixels | set {1} of the layer that dynamic value 1 names | 28
SetLayerDynamicRectangle | IV | X,Y,width,height in pixels | set place and size of the layer that dynamic value 1 names | 28
SetLayerDynamicZoom | IV | 0 to 5, where 1 is the whole picture | enlarge the layer that dynamic value 1 names | 28
SetLayerDynamicCrop | IV | X1,Y1,X2,Y2, each 0 to 1 | crop the layer that dynamic value 1 names | 28
SetLayerDynamicCrop{X,Y}{1,2} | IV | 0 to 1 | crop one side of the layer that dynamic value 1 names: {1}{2} | 28
MultiViewOverlay | IV | layer, from 1 | switch a layer on or off by its older name, whichever is due | | t
MultiViewOverlay{On,Off} | IV | layer, from 1 | a layer by its older name: {1}
SetMultiViewOverlay | IV | layer from 1, a comma, the input | choose what a layer shows, by its older name
MoveMultiViewOverlay | IV | from, to, each from 1 | move a layer, by its older name
`,
  ),
  ...functionsOf(
    'titles',
    `
SetText | IVSN | the text | change a text of a title
SetTextColour | IVSN | #rrggbb | change the colour of a text
SetTextVisible | ISN | | show or hide a text, whichever is due | | t
SetTextVisible{On,Off} | ISN | | show a text: {1}
SetImage | IvSN | file or address; blank takes it away | change a picture of a title
SetImageVisible | ISN | | show or hide a picture, whichever is due | | t
SetImageVisible{On,Off} | ISN | | show a picture: {1}
SetColor | IVSN | #rrggbb or #aarrggbb | change the colour of a shape | 26
SetTickerSpeed | IVSN | speed | set how fast a ticker runs
StartCountdown | I | | start a countdown
StopCountdown | I | | stop a countdown and set it back
PauseCountdown | I | | pause a countdown or go on, whichever is due | | t
SuspendCountdown | I | | pause a countdown
SetCountdown | IV | hh:mm:ss | set how long a countdown takes
ChangeCountdown | IV | hh:mm:ss | set what a countdown shows now
AdjustCountdown | IV | seconds, also negative | add to what a countdown shows
TitleBeginAnimation | IV | name of the animation | play an animation of a title
{Next,Previous}TitlePreset | I | | preset of a title: {1}
SelectTitlePreset | IV | preset, from 0 | choose a preset of a title
PauseRender | I | | hold a title while several of its fields change
ResumeRender | I | | let a title show what has changed
`,
  ),
  ...functionsOf(
    'calls',
    `
VideoCallAudioSource | IV | Master, Headphones, or BusA to BusG | choose what a caller hears
VideoCallVideoSource | IV | Output1 to Output4, or None | choose what a caller sees
VideoCallConnect | IV | name, a comma, the password | join a call | 28 | s
VideoCallReconnect | I | | connect a call again | 28
ZoomJoinMeeting | IV | number of the meeting, a comma, the password | join a Zoom meeting | 28 | s
ZoomSelectParticipantByName | IV | name of the person | show a person of a Zoom meeting | 28
Zoom{MuteSelf,UnMuteSelf} | I | | own sound in a Zoom meeting: {1} | 28
`,
  ),
];
