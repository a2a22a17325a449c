import { functionsOf } from './rows';

/** Sound. Volumes are told as the position of the fader. Source of names and parameters: the function lists of vMix 23 to 29. */
export const SOUND = functionsOf(
  'sound',
  `
Audio | I | | switch the sound of an input on or off, whichever is due | | t
Audio{On,Off} | I | | sound of an input: {1}
AudioAuto | I | | let sound follow the picture or not, whichever is due | | t
AudioAuto{On,Off} | I | | let sound follow the picture: {1}
AudioBus | IV | M, or A to G | send an input to a bus or not, whichever is due | | t
AudioBus{On,Off} | IV | M, or A to G | send an input to a bus: {1}
SetVolume | IV | 0 to 100 | set the fader of an input
SetVolumeFade | IV | 0 to 100, a comma, milliseconds | move the fader of an input slowly
SetBalance | IV | -1 (left) to 1 (right) | set the balance of an input
SetGain{,Channel1,Channel2} | IV | decibels, 0 to 24 | set the gain of an input {1}
SetVolumeChannel{1,2} | IV | 0 to 100 | set channel {1} of an input with separate mono channels
SetVolumeChannelMixer | IV | channel (1 to 16), a comma, 0 to 100 | set one channel of an input
SetVolumeChannelMixer{1-16} | IV | 0 to 100 | set channel {1} of an input | 27
SetVolumeBusMixer | IV | M or A to G, a comma, 0 to 100 | set how loud an input is on a bus | 28
SetVolumeBusMixer{M,A,B,C,D,E,F,G} | IV | 0 to 100 | set how loud an input is on bus {1} | 28
Solo | I | | listen to an input alone or not, whichever is due | | t
Solo{On,Off} | I | | listen to an input alone: {1}
SoloAllOff | | | listen to everything again | 28
SoloPFL | I | | listen before or after the fader, whichever is due | 28 | t
SoloPFL{On,Off} | I | | listen before the fader: {1} | 28
AudioChannelMatrixApplyPreset | IV | name of the preset | apply a preset of the channel matrix
AudioPlugin{On,Off,Show} | IV | plugin, from 1 | audio plugin of an input: {1}
AudioPluginOnOff | IV | plugin, from 1 | switch an audio plugin on or off, whichever is due | | t
AudioMixerShowHide | | | show or hide the audio mixer, whichever is due | | t
MasterAudio | | | switch the master on or off, whichever is due | | t
MasterAudio{On,Off} | | | sound of the master: {1}
SetMasterVolume | V | 0 to 100 | set the fader of the master
SetMasterVolumeFade | V | 0 to 100, a comma, milliseconds | move the fader of the master slowly | 28
SetHeadphonesVolume | V | 0 to 100 | set how loud the headphones are
MasterAudioPlugin{On,Off,Show} | V | plugin, from 1 | audio plugin of the master: {1}
MasterAudioPluginOnOff | V | plugin, from 1 | switch an audio plugin of the master on or off, whichever is due | | t
Bus{A,B}Audio | | | switch bus {1} on or off, whichever is due | | t
Bus{A,B}Audio{On,Off} | | | sound of bus {1}: {2}
Bus{A,B}AudioPlugin{On,Off,Show} | V | plugin, from 1 | audio plugin of bus {1}: {2}
Bus{A,B}AudioPluginOnOff | V | plugin, from 1 | switch an audio plugin of bus {1} on or off, whichever is due | | t
BusXAudio | V | M, or A to G | switch a bus on or off, whichever is due | | t
BusXAudio{On,Off} | V | M, or A to G | sound of a bus: {1}
BusXAudioPlugin{On,Off,Show} | V | bus, a comma, plugin from 1 | audio plugin of a bus: {1}
BusXAudioPluginOnOff | V | bus, a comma, plugin from 1 | switch an audio plugin of a bus on or off, whichever is due | | t
BusXSendToMaster | V | A to G | send a bus to the master or not, whichever is due | | t
BusXSendToMaster{On,Off} | V | A to G | send a bus to the master: {1}
BusXSolo | V | A to G | listen to a bus alone or not, whichever is due | | t
BusXSolo{On,Off} | V | A to G | listen to a bus alone: {1}
SetBus{A,B,C,D,E,F,G}Volume | V | 0 to 100 | set the fader of bus {1}
SetBus{A,B,C,D,E,F,G}VolumeFade | V | 0 to 100, a comma, milliseconds | move the fader of bus {1} slowly | 28
`,
);
