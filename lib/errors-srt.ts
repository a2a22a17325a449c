/** The error codes of SRT out, with their sentences; a part of the page `errors.ts`. */
export const SRT_ERRORS = {
  SRT_CONNECT_FAILED:
    'Nobody took the SRT call to {address}. Check that a listener runs there, that its UDP port is open, and that passphrase and key length are the same on both ends.',
  SRT_NO_CALLER:
    'Nobody called {address} within {seconds} s, so the application listens no more. Check the address on the other end, its passphrase, and the firewall (UDP) here; or wait longer.',
  SRT_LOST:
    'SRT to {address} was connected and ended before it counted as live. Look at the other end: it closed, or took no data.',
  SRT_NO_DATA:
    'OBS says that it sends SRT to {address}, but no data went out for {seconds} s. Check the bitrate, and the encoder settings in OBS.',
  SRT_SILENT_NOOP:
    'OBS accepted the start of the SRT output and did nothing. It is probably showing a dialog: look at the OBS window.',
  SRT_START_CANCELLED: 'The start of the SRT output was cancelled by a stop that came meanwhile.',
  SRT_BUSY: 'Another SRT action ({action}) is under way on this connection. Wait for it, or stop it first.',
  SRT_LIVE_ELSEWHERE: 'The second output already sends SRT to {current}, not to {address}. Stop it first.',
  SRT_STILL_LIVE:
    'The second output still sends SRT to {address}. Stop it first, which puts the settings of OBS back too.',
  SRT_STOP_TIMEOUT:
    'The SRT output had not stopped after {seconds} s. Look at the window of the application.',
  SRT_NEEDS_ADVANCED:
    'A second output beside the stream needs the advanced output mode of OBS. In OBS: Settings, Output, Output Mode, choose Advanced. Or choose "as the main stream".',
  SRT_NEEDS_IDLE:
    'OBS takes over the settings of a second output only while nothing runs, and now {outputs}. {reason} Send the action "arm" before going live; after that, start works at any time.',
  SRT_PROFILE_MISSING:
    'OBS takes over the settings of a second output when it changes its profile, so it needs another one to change to and back: {reason}. Make one in OBS (Profile, New), and choose it under Second profile.',
  SRT_ARM_REFUSED:
    'OBS did not take over the settings of the second output: {reason}. They are as they were before.',
  SRT_NOT_PUT_BACK:
    'The recording settings of OBS could not be put back: {reason}. Send "disarm" again once OBS is idle, or look in OBS under Settings, Output, Recording.',
  SRT_NEVER_CAME_ON:
    'vMix took the start of SRT on output {output}, and it had not come on after {seconds} s. Is SRT enabled for this output? In vMix: Settings, Outputs / NDI / SRT, the cog beside it.',
} as const;
