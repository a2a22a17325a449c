/** The error codes of guests: media servers, keys, the gate, the queue and its page; a part of the page `errors.ts`. */
export const GUEST_ERRORS = {
  // media servers
  MEDIA_SERVER_MISSING: 'No media server is chosen. Open the node and choose one.',
  MEDIA_SERVER_REFUSED:
    'Nothing listens at {where}: the media server is not running, or its API is off. Its configuration lines are in the dialog of the media server.{advice}',
  MEDIA_SERVER_UNREACHABLE:
    'No way to {where} ({reason}). Check the host name, the network and the firewall.',
  MEDIA_SERVER_TIMEOUT:
    'The media server at {where} did not answer {action} within {seconds} s. Is it overloaded, or frozen?',
  MEDIA_SERVER_LOGIN:
    'The media server at {where} refused the login. Check user and password (or token) of its API.',
  MEDIA_SERVER_UNFIT:
    'The answer of {where} is not one of {kind} ({reason}). Check the kind and the address.',
  MEDIA_SERVER_FAILED: 'The media server at {where} refused {action}: {reason}.',
  MEDIA_SERVER_NO_API:
    'No API address is set for this media server, so {action} is not possible. Set it in its dialog.',
  MEDIA_SERVER_CLOSED: 'The connection to the media server was closed by a deploy before {action} was done.',
  MEDIA_SERVER_PASSWORD_NEEDED:
    'The address was changed, so type the password again: a stored one is only sent where it was stored for.',
  STREAM_NOT_RECEIVED:
    'The stream is live, and the media server has not got it as {stream} within {seconds} s. Compare the stream target with the media server; the stream goes on.',

  // keys and sessions
  KEYS_MISSING: 'No stream keys are chosen. Open the node and choose one.',
  KEYS_TAKEN: 'Somebody has the id "{id}" already. Choose another, or rotate the key of that one.',
  KEYS_UNKNOWN: 'Nobody has the id "{id}".',
  KEYS_FULL: 'There are {most} people already, and that is the limit set in the stream keys. Delete some.',
  KEYS_UNREADABLE: 'The file of the stream keys cannot be read ({reason}). It was kept as {aside}. {then}',
  KEYS_NOT_READ:
    'The stream keys in {path} cannot be read now ({reason}). It is tried again by itself; nothing can be changed until then.',
  KEYS_NOT_WRITTEN: 'The change could not be written to {path} ({reason}), so it was not made.',
  KEYS_NO_TOKENS: 'No token secret is set in the stream keys, so none can be made. Set it in their dialog.',
  SESSION_NOT_KICKED:
    'The session "{id}" is {done}, but whoever publishes it could not be disconnected and may still be on: {reason}',

  // the gate
  GATE_TAKEN: 'Another publish gate has this media server already. One gate answers for each media server.',
  GATE_NOT_ASKED:
    'Nobody waits for this answer any more: it came too late, or twice. Answer within {seconds} s.',
  LISTEN_FAILED:
    'Nothing can listen at {where} ({reason}). Choose another port, or end the program that has it.',

  // the queue
  QUEUE_MISSING: 'No guest queue is chosen. Open the node and choose one.',
  QUEUE_NOBODY: 'Nobody in the queue is "{who}".',
  QUEUE_COMMAND_INVALID: 'The command cannot be done: {reason}.',
  QUEUE_UNREADABLE:
    'The file of the guest queue cannot be read ({reason}). It was kept as {aside}; the queue is made anew from whom the media server has.',
  QUEUE_NOT_WRITTEN:
    'The guest queue could not be written to {path} ({reason}). It goes on in memory and is tried again.',
  QUEUE_UNHEARD:
    'Guests wait, and nobody puts them on air: no stream queue node of this queue has its output 1 wired to a switch.',
  QUEUE_SECOND:
    'Another stream queue node says already who goes on air, so nothing comes out at output 1 of this one. Wire output 1 of one node only.',
  QUEUE_BUSY:
    'Another process has the guest queue in {path}. Give this one a folder of its own, or end the other.',

  // the page
  PAGE_INVITATION_MISSING: 'Set an invitation code, or switch joining by the page off.',
} as const;
