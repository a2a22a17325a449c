/** The error codes of sources on air, with their sentences; a part of the page `errors.ts`. */
export const SOURCE_ERRORS = {
  // switch-gstreamer-source
  SOURCE_ADDRESS_INVALID: 'The address of the source cannot be used: {reason}.',
  SOURCE_PIPELINE_INVALID: 'The pipeline cannot be used: {reason}.',
  SOURCE_KIND_UNAVAILABLE:
    'This OBS has no {kind} source. Choose the kind "auto" or "media source", or install the plugin obs-gstreamer and start OBS again.',
  SOURCE_NAME_TAKEN: 'OBS has a source called {name} already.',
  SOURCE_NOT_READY:
    'The new source gave no picture within {seconds} s ({last}). Does somebody publish at that address? {kept}',
  SOURCE_PLAYBACK_FAILED:
    'The new source cannot be played ({last}). Check the address, and that somebody publishes there. {kept}',
  SOURCE_SWITCH_OVERTAKEN: 'A newer switch of {slot} in {scene} came before this one was on air. {kept}',
  SOURCE_SWITCH_BUSY:
    'A switch of {slot} in {scene} is under way. Wait for it, or choose another answer under "When busy".',
  SOURCE_SWITCH_OVERRIDDEN:
    'Somebody hid, showed or removed {source} in OBS during the switch, and what a person does counts. Send the message again to switch all the same.',
  SOURCE_SWITCH_INCOMPLETE: 'OBS did not do the whole switch ({reason}). {kept}',
  SOURCE_SWITCH_LOST: 'The connection to OBS was lost during the switch, in the step {step}. {kept}',
  SOURCE_SCENE_GONE:
    'The scene of the switch is not there any more ({reason}). Send the message again with a scene that OBS has.',
  SOURCE_SWITCH_CLOSED: 'A deploy ended the switch before the new source was on air. {kept}',
  SOURCE_NOT_PREPARED: 'No source is prepared for {slot} in {scene}. Send "prepare" with an address first.',

  // set-source
  SOURCE_UNFIT: '"{source}" is no source that this can be done with: {reason}.',
  SOURCE_NOT_CONFIRMED:
    '{application} took the change of {source} and does not show it: it is {now}. Look at {application}.',
  SOURCE_OVERTAKEN:
    'Another volume for {source} was asked for before this one was reached. The newer one counts.',
  SOURCE_FILE_UNUSABLE:
    '{application} has no picture of the file {file} for {source}: it is not there on the machine of {application}, or it is no image. {kept}',
} as const;
