import { functionsOf } from './rows';

/** Instant replay. Source of names and parameters: the function lists of vMix 23 to 29. */
export const REPLAY = functionsOf(
  'replay',
  `
ReplayStartRecording | | | start the recording for replays
ReplayStopRecording | | | stop the recording for replays
ReplayStartStopRecording | | | start or stop the recording for replays, whichever is due | 24 | t
ReplayLive | | | show what is live
ReplayRecorded | | | show what was recorded
ReplayLiveToggle | | | show what is live or what was recorded, whichever is due | | t
ReplayShowHide | | | show or hide the replay controls, whichever is due | | t
ReplayMarkIn{,Live,Recorded,RecordedNow} | | | begin an event {1}
ReplayMarkOut | | | end the event
ReplayMarkCancel | | | give up the event that was begun
ReplayMarkInOut{,Live,Recorded} | V | seconds | make an event of the last seconds {1}
ReplayMarkInOutLiveFuture | V | seconds | make an event of the next seconds | 26
ReplayPlay | C | | play
ReplayPause | C | | pause
ReplayPlayPause | C | | play or pause, whichever is due | | t
ReplayPlay{Forward,Backward,Next,Previous} | C | | play: {1}
ReplayPlay{LastEvent,SelectedEvent,AllEvents} | C | | play an event in the preview: {1}
ReplayPlay{LastEvent,SelectedEvent,AllEvents}ToOutput | C | | play an event on air: {1}
ReplayPlayEvent{,ToOutput} | VC | event, from 0 at the end of the list | play an event {1}
ReplayPlayEventsByID{,ToOutput} | VC | ids, set apart by commas | play these events {1}
ReplayStopEvents | C | | stop the events
ReplayChangeDirection | C | | turn the direction round, whichever is due | | t
ReplaySetDirection{Forward,Backward} | C | | set the direction: {1}
ReplayChangeSpeed | VC | speed to add | change the speed
ReplaySetSpeed | VC | 0 to 1, where 1 is normal | set the speed
ReplayFast{Forward,Backward} | VC | 1 to 30 times | wind: {1}
ReplayJumpFrames | VC | frames, also negative | jump
ReplayJumpFramesFast{On,Off} | C | | jump by seconds in place of frames: {1} | 24
ReplayJumpToNow | C | | jump to now
ReplayJumpToSelected{In,Out}Point | C | | jump to an end of the chosen event: {1} | 28
ReplaySetTimecode | VC | yyyy-MM-ddTHH:mm:ss.fff | go to a time of day | 26
ReplaySetChannel{A,B}To{A,B}Timecode | | | set the time of channel {1} to that of {2} | 26
ReplaySetChannel{A,B}To{A,B}TimecodeAndCamera | | | set time and camera of channel {1} to those of {2} | 28
ReplaySwapChannels | | | exchange the two channels | 24 | t
ReplaySelectChannel{A,B,AB} | | | choose channel {1} | 24
ReplayCamera{1-8} | | | show camera {1}
Replay{A,B}Camera{1-8} | | | show camera {2} on channel {1}
Replay{C,D}Camera{1-8} | | | show camera {2} on channel {1} | 29
ReplaySetAudioSource | V | Camera1, or another of the list in vMix | choose the sound
ReplaySelectEvents{1-8} | C | | show list {1} of events
ReplaySelectEvents{9-20} | C | | show list {1} of events | 24
ReplaySelectAllEvents | | | choose every event of the list | 24
ReplaySelect{First,Last,Next,Previous}Event | C | | choose an event: {1}
ReplayScrollSelectedEvent | V | -10 to 10 | move the choice in the list | 28
Replay{Copy,Move}{Last,Selected}Event | V | list, from 0 to 19 | to another list of events: {1} {2}
ReplayMoveSelectedEvent{Up,Down} | | | move the chosen event in its list: {1}
Replay{Delete,Duplicate}{Last,Selected}Event | C | | an event: {1} {2}
ReplayExportLastEvent | VC | folder on the vMix machine | save the last event as a file
ReplayMoveSelected{In,Out}Point | VC | frames, also negative | move an end of the chosen event: {1}
ReplayUpdateSelected{In,Out}Point | C | | set an end of the chosen event to here: {1}
ReplayUpdateSelectedSpeed | C | | give the chosen event the present speed
ReplayUpdateSelectedSpeedDefault | C | | give the chosen event the usual speed | 24
ReplayUpdateSelectedSpeedFromValue | VC | 0 to 1, where 1 is normal | give the chosen event a speed | 28
ReplaySet{Last,Selected}EventText | V | the text | set the text of an event: {1}
ReplaySet{Last,Selected}EventTextCamera | V | camera, a comma, the text | set the text of one camera of an event: {1}
ReplayAppend{Last,Selected}EventText | V | the text | add to the text of an event: {1} | 29
ReplayAppend{Last,Selected}EventTextCamera | V | camera, a comma, the text | add to the text of one camera of an event: {1} | 29
Replay{Last,Selected}EventCamera{On,Off} | V | camera, 1 to 8 | a camera of an event: {1} {2}
Replay{Last,Selected}EventSingleCameraOn | V | camera, 1 to 8 | only this camera of an event: {1}
ReplayToggle{Last,Selected}EventCamera{1-8} | | | switch camera {2} of an event on or off, whichever is due: {1} | | t
ReplayQuadMode{On,Off} | | | four pictures at once: {1} | 29
ReplayToggleQuadMode | | | four pictures at once or not, whichever is due | 29 | t
`,
  // a channel is not set to itself
).filter(({ name }) => !/Channel(A)ToA|Channel(B)ToB/.test(name));
