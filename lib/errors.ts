import { CAPTURE_ERRORS } from './errors-capture';
import { GUEST_ERRORS } from './errors-guests';
import { SOURCE_ERRORS } from './errors-sources';
import { SRT_ERRORS } from './errors-srt';
import { VMIX_ERRORS } from './errors-vmix';

/**
 * Every error code of the package, on one page: what went wrong and what to do next.
 * `{name}` places are filled from the details given to `fail`.
 */
export const ERRORS = {
  // the connection
  OBS_NOT_CONNECTED:
    'OBS at {where} is not connected ({state}). Start OBS, or look at the badge of its connection.',
  OBS_DISCONNECTED:
    'The connection to OBS at {where} was lost before {action} was answered. Check OBS; the connection comes back by itself.',
  OBS_TIMEOUT:
    'OBS at {where} did not answer {action} within {seconds} s. Is OBS showing a dialog, or frozen?',
  OBS_QUEUE_FULL:
    'More than {limit} requests wait for OBS at {where}. Send fewer messages, or wait for each answer.',
  OBS_EXITING: 'OBS at {where} is quitting, so {action} was not sent. Start OBS again.',
  OBS_REJECTED: 'OBS refused {action}: {reason}.',
  OBS_UNSUPPORTED: 'This OBS ({version}) cannot do {action}. {advice}',
  OBS_CLOSED:
    'The connection to OBS was closed by a deploy before {action} was answered. Send the message again.',

  // why no connection comes about: also the answers of the Test button
  OBS_REFUSED:
    'Nothing listens at {where}: either OBS is not running, or its WebSocket server is off (in OBS: Tools, WebSocket Server Settings, Enable WebSocket server).',
  OBS_CONTAINER_LOOPBACK:
    'Nothing listens at {where}. Node-RED runs in a container, where {host} is the container itself: use the address of the machine OBS runs on (often host.docker.internal).',
  OBS_UNREACHABLE:
    'No way to {where} ({reason}). Check the host name, the network and the firewall of the OBS machine.',
  OBS_NO_ANSWER:
    'Something at {where} took the connection and said nothing for {seconds} s: OBS is frozen, or this is another program.',
  OBS_WRONG_PASSWORD:
    'OBS at {where} refused the password. In OBS: Tools, WebSocket Server Settings, Show Connect Info shows the right one.',
  OBS_PASSWORD_MISSING:
    'OBS at {where} wants a password and none is set. In OBS: Tools, WebSocket Server Settings, Show Connect Info shows it.',
  OBS_NOT_OBS:
    'The program at {where} is not OBS ({reason}). Check host and port; OBS shows its own under Tools, WebSocket Server Settings.',
  OBS_TOO_OLD:
    'The OBS at {where} speaks an older protocol ({reason}). Install OBS 28 or newer, which has WebSocket 5 built in.',
  OBS_TLS_FAILED:
    'The secure connection to {where} failed ({reason}). OBS itself speaks no TLS: switch TLS off, or check the certificate of the proxy in front of it.',
  OBS_KICKED: 'OBS at {where} ended this session from its own settings window. Deploy again to reconnect.',
  OBS_TEST_PASSWORD_NEEDED:
    'The address differs from the deployed one, so the stored password is not sent there. Type the password again to test.',

  // configuration
  CONFIG_INVALID: '{field}: {reason}.',
  CONFIG_ENV_MISSING: '{field}: the environment variable {name} is not set.',
  CONNECTION_MISSING: 'No connection is chosen. Open the node and choose one.',
  CAPABILITY_MISSING: '{application} cannot do {action}. {advice}',

  // messages
  INPUT_INVALID: '{field}: {reason}.',
  ACTION_UNKNOWN: '"{action}" is not an action of this node. It knows: {known}.',
  SECRET_MARKER_SENT:
    'The request carries "{marker}", which stands where a secret was hidden. Put the real value there, or leave the field out; nothing was sent.',

  // streams
  STREAM_TARGET_UNKNOWN: 'There is no stream target called "{target}". Known targets: {known}.',
  STREAM_TARGET_INVALID: 'The stream target "{target}" is incomplete: {reason}.',
  STREAM_TARGET_UNSUPPORTED: 'This {application} ({version}) cannot stream by {service}. {advice}',
  STREAM_NO_SERVER:
    'OBS has no streaming server set. Set one in OBS under Settings, Stream, or choose a stream target.',
  STREAM_BUSY: 'Another start, to {target}, is under way on {where}. Wait for it, or stop it first.',
  STREAM_START_PENDING:
    'A stream start is under way on this OBS, so {action} was not sent: a second start could crash OBS. Wait until it is live or has failed.',
  STREAM_DOUBLE_START:
    'The batch would start the stream {count} times, which can crash OBS. Nothing was sent: leave one start in it.',
  STREAM_LIVE_ELSEWHERE:
    '{where} already streams to {current}, not to {target}. Stop it first, or let the node restart the stream.',
  STREAM_SERVICE_REFUSED:
    'OBS did not take over the settings of {target}. Check the service and server of the stream target.',
  STREAM_SILENT_NOOP:
    'OBS accepted the start and did nothing. It is probably showing a dialog: look at the OBS window, and check Settings, Stream.',
  STREAM_CONNECT_FAILED:
    'OBS could not connect to {server} after {seconds} s. Check server address, stream key and network.',
  STREAM_START_TIMEOUT:
    'OBS was still connecting to {server} after {seconds} s. Check server address and network.',
  STREAM_FLAPPING:
    'OBS reached {server} and lost it again at once ({times} times). The usual cause is a wrong stream key, or one already in use. {outcome}',
  STREAM_RECONNECTING:
    'OBS streams to {server} already, and is just trying to reach it again. Wait until it is back, or stop the stream and start it anew.',
  STREAM_NO_DATA:
    'OBS says it streams to {server}, but no frames went out for {seconds} s. Check the encoder settings in OBS.',
  STREAM_START_CANCELLED: 'The start was cancelled by a stop that came meanwhile.',
  STREAM_CHANNEL_MISSING: '{application} has no channel {channel}: {advice}',
  STREAM_SOME_FAILED: 'Not every channel did {action}: {failed} The others: {well}.',
  STREAM_STOP_TIMEOUT:
    '{application} had not stopped the stream after {seconds} s (state: {state}). Look at the {application} window.',

  // recordings
  RECORD_SILENT_NOOP: '{application} accepted the recording and did not start it. {advice}',
  RECORD_SETTING_REFUSED: 'OBS did not take over the recording {setting} "{value}". {advice}',
  RECORD_ELSEWHERE:
    'OBS already records to {current}, not to {wanted}. Stop it first, or let the node restart the recording.',
  RECORD_START_CANCELLED: 'The start of the recording was cancelled by a stop that came meanwhile.',
  RECORD_BUSY: 'Another recording action ({action}) is under way on this {application}. Wait for it.',
  RECORD_NOT_ACTIVE: 'OBS is not recording, so there is nothing to {action}. Start a recording first.',
  RECORD_PAUSED: 'The recording is paused, so OBS cannot {action} now. Resume it first.',
  RECORD_START_FAILED:
    'OBS began the recording and stopped it at once. Check the recording settings and the free space on the OBS machine.',
  RECORD_PAUSE_SHARED_ENCODER:
    'OBS cannot pause this recording, because it shares the encoder of the stream. In OBS: Settings, Output, Recording Quality, choose anything but "Same as stream".',
  RECORD_IS_SRT:
    'The recording output of OBS is set up to send SRT beside the stream ({address}), so OBS cannot {action} a recording now. Stop or disarm that with srt out first.',
  RECORD_SPLIT_OFF:
    'OBS did not split the file. In OBS: Settings, Output, Advanced, Recording, switch "Automatic File Splitting" on.',
  RECORD_CHAPTER_FORMAT:
    'OBS took no chapter: that needs a recording in Hybrid MP4 or Hybrid MOV (OBS 30.2 or newer), set in OBS itself before it started.',
  RECORD_STOP_TIMEOUT:
    '{application} had not ended the recording after {seconds} s. The file may still be being written: look at the {application} window.',

  // other outputs
  OUTPUT_UNKNOWN: '{application} has no output called "{output}". It has: {known}.',
  OUTPUT_UNAVAILABLE: 'OBS offers no {output} here. {advice}',
  OUTPUT_SILENT_NOOP: '{application} accepted {action} for {output} and nothing happened. {advice}',
  OUTPUT_BUSY: 'Another action ({action}) is under way for {output} of {application}. Wait for it.',
  OUTPUT_START_CANCELLED: 'The start of {output} was cancelled by a stop that came meanwhile.',
  OUTPUT_TIMEOUT: '{output} had not changed after {seconds} s (it is {state}). Look at the OBS window.',
  STOP_ALL_INCOMPLETE: 'Still running after {seconds} s: {outputs}. Look at the {application} window.',

  // scenes
  SCENE_UNKNOWN: '{application} has no {what} called "{scene}". It has: {known}.',
  SCENE_NOT_CONFIRMED:
    '{application} did not show the {what} "{scene}" within {seconds} s (it shows: {current}).',
  SCENE_OVERTAKEN:
    'The switch of {application} to "{scene}" was overtaken by a newer one, to "{by}", before it showed.',
  TRANSITION_UNKNOWN: '{application} has no transition called "{transition}". It has: {known}.',
  STUDIO_MODE_OFF:
    'A preview needs studio mode, and it is off in OBS. Switch it on there, or send SetStudioModeEnabled with an obs request node.',

  // pictures
  SOURCE_UNKNOWN: '{application} has no {what} called "{source}". It has: {known}.',
  PICTURE_FORMAT: 'This {application} makes no pictures as {format}. It makes: {known}.',
  PICTURE_LATE: 'No picture came within {seconds} s.',
  PICTURE_FAILED:
    '{application} gave no picture of {source}. Look whether it shows anything there: a source with sound only, or a file that is missing, has none.',
  PICTURE_FOLDER_MISSING:
    'The folder {folder} does not exist on {machine}. Make it there, or choose another one.',
  PICTURE_FILE_EXISTS:
    'There is a file {path} already, and it was left as it is. Choose another name or a folder, or let the node overwrite files.',
  PICTURE_NOT_SAVED: 'The picture could not be written to {path}: {reason}.',

  // files that must not be lost
  DURABLE_FULL:
    'More than {limit} wait to be written to {path}: the disk is too slow, or hangs. This entry was not taken.',
  DURABLE_WRITE_FAILED:
    '{path} could not be written: {reason}. Nothing more goes into it until it has been opened anew.',
  DURABLE_OTHER_WRITER:
    '{path} has {found} bytes and not the {expected} that were written here: something else changed it. Let only one Node-RED use this folder.',
  DURABLE_REMOVED:
    '{path} was removed or replaced while it was in use. Nothing more goes into it until it has been opened anew.',
  DURABLE_CLOSED: '{path} is closed, so nothing more was written to it.',
  DURABLE_RECOVERY_FAILED:
    '{path} could not be brought back to its last whole line: {reason}. Nothing of it was thrown away.',
  DURABLE_LOCKED: '{path} is in use by process {pid} on {host}. {advice}',
  DURABLE_LOCK_FAILED: '{path} could not be reserved for this Node-RED: {reason}.',

  // the witness log: reading and verifying it
  WITNESS_NO_LOG: 'There is no witness log at {path}. Check the folder.',
  WITNESS_UNREADABLE: '{path} could not be read: {reason}.',
  WITNESS_DAMAGED:
    'Entry {seq} of the witness log cannot be read ({file}, byte {offset}): {reason}. Verify the log: that tells what is left of it.',
  WITNESS_TOO_SHORT: 'The witness log has {found} entries, and {size} were asked for.',
  WITNESS_KEY_INVALID:
    '"{key}" is no public key of a witness log or a cosigner. It reads name+id+key, as the witness log node shows it.',
  WITNESS_EXPORT_TOO_LARGE:
    'The export is larger than {most} MB, too large for a message. Let it be written to a file, or ask for less: by types, From and To.',
  WITNESS_FILTER_INVALID: 'The filter of the witness log has a wrong {field}: {reason}.',
  // the witness's nodes
  WITNESS_LOG_MISSING: 'No witness log is chosen. Open the node and choose one.',
  WITNESS_KEY_UNREADABLE:
    'The secret key of this witness log cannot be read. Bring the credentials of Node-RED back from a backup; or delete this witness log, and a new one makes itself a key of its own.',
  WITNESS_KEY_NOT_SAVED:
    'The key of the witness log could not be written to {folder}: {reason}. Nothing is recorded without it.',
  WITNESS_LATE:
    'The disk of the witness log did not confirm this within {seconds} s: it is slow, or hangs. Nobody knows whether it is recorded.',
  WITNESS_NOT_PROVED:
    'Entry {seq} cannot be proved: {reason}. Verify the log: that tells what is left of it.',
  WITNESS_READING_STOPPED:
    'The node was deployed away before the witness log was read to its end. Ask again.',
  WITNESS_FILE_EXISTS:
    'There is a file {path} already, and it was left as it is. Choose another name, or let the node overwrite files.',
  WITNESS_FILE_NOT_SAVED: 'The {what} could not be written to {path}: {reason}.',

  // countersigning: what a log asks for, and what is done for others
  WITNESS_COSIGNER_ADDRESS: 'The address of the cosigner {name} cannot be used: {reason}.',
  WITNESS_COSIGNER_KEY:
    'The key of a cosigner cannot be used: {reason}. Its operator can tell you the right one.',
  WITNESS_COSIGNER_UNREACHABLE:
    'No way to the cosigner {name} at {where}: {reason}. The log goes on, with one signature less.',
  WITNESS_COSIGNER_TIMEOUT:
    'The cosigner {name} at {where} did not answer within {seconds} s. The log goes on, with one signature less.',
  WITNESS_COSIGNER_UNKNOWN_LOG:
    'The cosigner {name} at {where} does not countersign this log (HTTP {status}). Give its operator the key of this log.',
  WITNESS_COSIGNER_REFUSED:
    'The cosigner {name} refuses the checkpoint of {size} entries, since it does not go on from what it has seen of this log. Was an older copy of the log put back? Verify it before anything else is done.',
  WITNESS_COSIGNER_AHEAD:
    'The cosigner {name} has countersigned {known} entries of this log, and here are only {size}. Was an older copy of the log put back? Verify it before anything else is done.',
  WITNESS_COSIGNER_OUTDATED:
    'The cosigner {name} has a newer checkpoint of this log already, so the one of {size} entries was not countersigned.',
  WITNESS_COSIGNER_FAILED:
    'The cosigner {name} at {where} could not countersign (HTTP {status}). Its operator has to look; the log goes on.',
  WITNESS_COSIGNER_BAD_ANSWER:
    'What answers at {where} is not the cosigner {name}: {reason}. Check its address and its key.',
  WITNESS_COSIGNER_CLOCK:
    'The clock of the cosigner {name} and the one of this computer are {seconds} s apart, so its signature was not taken. Set both by a time server.',
  WITNESS_COSIGNER_STOPPED: 'The log was closed before the cosigner {name} had answered.',
  WITNESS_COSIGN_STATE:
    'The record of what was countersigned, {path}, cannot be used: {reason}. Nothing is signed for that log until it is mended.',
  WITNESS_COSIGN_PORT: 'Nothing can listen on {host}, port {port}: {reason}. Choose another one.',

  // the witness log: writing it
  WITNESS_OPEN_FAILED: 'The witness log {folder} could not be opened: {reason}.',
  WITNESS_NOT_WRITABLE:
    'The witness log {folder} cannot be written, so this was not recorded. {reason} It tries again by itself and then notes how much is missing.',
  WITNESS_BUSY:
    'More than {limit} wait for the witness log {folder}: the disk is too slow, or hangs. This was not recorded; the log will note how much is missing.',
  WITNESS_FULL:
    'The witness log {folder} has reached its limit of {limit} MiB, so this was not recorded. Raise the limit, or let it go on in another folder.',
  WITNESS_TOO_LARGE: 'This is too large for one entry of the witness log ({reason}), so it was not recorded.',
  WITNESS_CLOSED: 'The witness log {folder} is closed, so this was not recorded.',
  WITNESS_CLOSE_LATE:
    'The witness log {folder} was not closed within {seconds} s: the disk is too slow, or hangs. What it held is checked at the next start.',
  WITNESS_STOPPED:
    'The witness log {folder} was changed by something else while it was in use: {reason} Nothing more goes into it until it is opened anew (deploy). Let only one Node-RED use this folder.',
  WITNESS_FORKED:
    'Another program signs the witness log {folder} with the same key: what {state} says of it does not lead to what is here. Nothing more goes into it until it is opened anew (deploy).',
  WITNESS_MISREAD:
    'The disk gives back other bytes of {path} than were written there, from entry {seq} on, so nothing beyond was signed. Check the disk.',
  WITNESS_NOT_SIGNED:
    'The witness log {folder} is being written, and its newest entries could not be signed: {reason}. It tries again by itself.',
  // what a witness log found when it was opened
  WITNESS_RECOVERED:
    'The witness log {folder} ended in {bytes} bytes of an unfinished entry after a crash. They were moved to {file}; nothing that was confirmed is missing.',
  WITNESS_GAP:
    'The witness log {folder} misses {count} entries that could not be written ({reason}). The log itself says so.',
  WITNESS_ROLLED_BACK:
    'The witness log {folder} has {found} entries, and this computer signed {expected}: it was set back or changed. It was left as it is; recording goes on in {next}.',
  WITNESS_LEFT_DAMAGED:
    'The witness log {folder} is damaged where it was signed already ({reason}). It was left as it is; recording goes on in {next}.',
  WITNESS_REMOVED:
    'The witness log {folder} is gone: it had {expected} entries. A new one was begun in {next}, and its first entry says so.',
  WITNESS_KEY_CHANGED:
    'The witness log {folder} was signed with another key. It was left as it is; recording goes on in {next}.',

  // SRT out
  ...SRT_ERRORS,

  // sources on air
  ...GUEST_ERRORS,
  ...CAPTURE_ERRORS,
  ...SOURCE_ERRORS,

  // vMix
  ...VMIX_ERRORS,

  // anything this page forgot
  INTERNAL: 'Something unexpected happened: {reason}. Please report it with the log lines around it.',
} as const;

export type ErrorCode = keyof typeof ERRORS;
export type ErrorDetails = Record<string, string | number | boolean | null | undefined>;

/** An error with a stable `code` for flows and a sentence that says what to do next. */
export class LiveError extends Error {
  override readonly name = 'LiveError';

  constructor(
    readonly code: ErrorCode,
    readonly details: ErrorDetails = {},
    options?: { cause?: unknown },
  ) {
    super(
      ERRORS[code].replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? '')).trim(),
      options,
    );
  }

  /** What Node-RED shows in Catch and log: the sentence with its code, no class name. */
  override toString(): string {
    return `${this.message} [${this.code}]`;
  }
}

/** Make a coded error; `details` fill the places of its sentence. */
export function fail(code: ErrorCode, details?: ErrorDetails, cause?: unknown): LiveError {
  return new LiveError(code, details, cause === undefined ? undefined : { cause });
}

/** Any thrown value as a coded error; what is not one already becomes `INTERNAL`. */
export function asLiveError(thrown: unknown): LiveError {
  if (thrown instanceof LiveError) return thrown;
  const { message } = Object(thrown) as { message?: unknown };
  const reason =
    typeof message === 'string'
      ? message
      : typeof thrown === 'object' && thrown
        ? 'an object that is no error was thrown'
        : String(thrown);
  return fail('INTERNAL', { reason }, thrown);
}
