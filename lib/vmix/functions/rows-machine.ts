import { functionsOf } from './rows';

/** Cameras, NDI, playlists, data, vMix itself. Source of names and parameters: the function lists of vMix 23 to 29. */
export const MACHINE = [
  ...functionsOf(
    'cameras and NDI',
    `
PTZHome | I | | go home
PTZMove{Up,Down,Left,Right,UpLeft,UpRight,DownLeft,DownRight} | Iv | speed, 0 to 1 | move: {1}
PTZMoveStop | I | | stop moving
PTZZoom{In,Out} | Iv | speed, 0 to 1 | zoom: {1}
PTZZoomStop | I | | stop zooming
PTZFocus{Auto,Manual} | I | | focus: {1}
PTZFocus{Near,Far} | Iv | speed, 0 to 1 | focus: {1}
PTZFocusStop | I | | stop focusing
PTZCreateVirtualInput | I | | keep this position as a virtual input
PTZUpdateVirtualInput | I | | keep this position in its virtual input
PTZMoveToVirtualInputPosition | I | | go to the position of a virtual input
PTZMoveToVirtualInputPositionByIndex | IV | which one, from 0 | go to the position of one of its virtual inputs
NDISelectSourceByName | IV | name of the source | choose the source of an NDI input
NDISelectSourceByIndex | IV | place in the list, from 0 | choose the source of an NDI input
NDICommand | IV | the command | send a command to an NDI source
NDI{Start,Stop}Recording | I | | recording of an NDI source: {1}
OMTSelectSourceByName | IV | name of the source | choose the source of an OMT input | 29
OMTSelectSourceByIndex | IV | place in the list, from 0 | choose the source of an OMT input | 29
`,
  ),
  ...functionsOf(
    'playlists and data',
    `
StartPlayList | | | start the playlist
StopPlayList | | | stop the playlist
SelectPlayList | V | name of the playlist | choose a playlist
{Next,Previous}PlayListEntry | | | entry of the running playlist: {1}
DataSourcePlay | V | name of the source | let a data source run
DataSourcePause | V | name of the source | hold a data source
DataSourcePlayPause | V | name of the source | let a data source run or hold it, whichever is due | | t
DataSource{Next,Previous}Row | V | name of the source, a comma, the table | row of a data source: {1}
DataSourceSelectRow | V | source, table, row from 0, set apart by commas | choose a row of a data source
DataSourceAutoNext{On,Off} | V | name of the source, a comma, the table | go on to the next row by itself: {1}
DataSourceAutoNextOnOff | V | name of the source, a comma, the table | go on by itself or not, whichever is due | | t
BrowserNavigate | IV | the address | open an address in a browser input
Browser{Back,Forward,Reload} | I | | browser input: {1}
BrowserKeyboard{Enabled,Disabled} | I | | keyboard of a browser input: {1}
BrowserMouse{Enabled,Disabled} | I | | mouse of a browser input: {1}
`,
  ),
  ...functionsOf(
    'vMix itself',
    `
OpenPreset | V | file on the vMix machine | load a preset; everything that runs now goes
LastPreset | | | load the last preset; everything that runs now goes
SavePreset | V | file on the vMix machine | save the preset
SetDynamicValue{1-4} | V | any text | keep a text as dynamic value {1}
ActivatorRefresh | | | set the lights of all controllers anew
CallManagerShowHide | | | show or hide the call manager, whichever is due | | t
ScriptStart | V | name of the script | run a script that is kept in vMix | | d
ScriptStartDynamic | V | program code | run program code on the vMix machine | | d
ScriptStop | V | name of the script | stop a script
ScriptStopAll | | | stop all scripts
ScriptStopDynamic | | | stop the program code that was sent
KeyPress | V | name of the key | press a key on the vMix machine | | d
SendKeys | V | the keys | type on the vMix machine, into whatever window is in front | | d
`,
  ),
];
