/** The error codes that only a vMix can cause, with their sentences; a part of the page `errors.ts`. */
export const VMIX_ERRORS = {
  // the connection
  VMIX_NOT_CONNECTED:
    'vMix at {where} is not connected ({state}). Start vMix, or look at the badge of its connection.',
  VMIX_DISCONNECTED:
    'The connection to vMix at {where} was lost before {action} was answered. Look in vMix whether it was done; the connection comes back by itself.',
  VMIX_TIMEOUT:
    'vMix at {where} did not answer {action} within {seconds} s, so nobody knows whether it was done. Is vMix showing a dialog, or frozen?',
  VMIX_QUEUE_FULL:
    'More than {limit} requests wait for vMix at {where}. Send fewer messages, or wait for each answer.',
  VMIX_REJECTED: 'vMix at {where} refused {action}: {reason}.',
  VMIX_CLOSED:
    'The connection to vMix was closed by a deploy before {action} was answered. Send the message again.',
  VMIX_FUNCTION_UNKNOWN:
    'This vMix knows no function "{name}". {advice} vMix lists its functions under Settings, Shortcuts.',
  VMIX_SCRIPTS_FORBIDDEN:
    'The function "{name}" runs code or presses keys on the vMix machine, and the connection to {where} does not allow that. If you want it, tick "Allow scripts and key presses" in the dialog of the connection; nothing was sent.',
  VMIX_BATCH_BROKEN:
    '{done} of {count} functions were accepted by vMix at {where}, then {name} failed: {reason}',
  VMIX_NO_RAW_EVENTS:
    'The connection to {where} has no TCP port, and the events of vMix come over that: none of {names} will be told. Set the TCP port in the connection (vMix uses 8099).',

  VMIX_INPUT_AMBIGUOUS:
    '"{input}" fits several inputs of vMix: {fits}. Choose it from the list, or give its key: numbers move, and titles may be there twice.',

  // pictures, which vMix only writes on its own machine
  VMIX_PICTURE_FOLDER_NOT_SET:
    'vMix writes pictures on its own computer, and Node-RED can read none of them there. Open the vmix connection, and set under Pictures a folder that both can use, as vMix calls it, and under Same folder as Node-RED does; or let a snapshot node have the file written on the vMix computer.',
  VMIX_PICTURE_UNREADABLE:
    'vMix was to write a picture into {there}, and Node-RED cannot read it as {here}: {reason}. Check the picture folder of the vmix connection: both names must mean the same folder.',

  // streams
  VMIX_STREAM_DROPPED:
    'Channel {channel} of vMix streamed to {server} and went off again after {seconds} s, before it was confirmed. vMix shows the reason only on its own screen. The usual ones: a wrong stream key, a wrong address, or, where a stream target is used, a destination of this channel other than "Custom RTMP Server" in vMix.',
  VMIX_STREAM_NOT_ON:
    'vMix took the start of channel {channel} and did not stream to {server} within {seconds} s. Look at the vMix window: the channel needs a destination, which for a stream target is "Custom RTMP Server", and the server has to answer. {outcome}',
  VMIX_CHANNEL_UNNAMED:
    'vMix {version} says that it streams and not on which channel, so nobody can tell {action}. Look at the vMix window.',

  // why no connection comes about: also the answers of the Test button
  VMIX_REFUSED:
    'Nothing listens at {where}: either vMix is not running, or its web controller is off (in vMix: Settings, Web Controller, Enabled).',
  VMIX_CONTAINER_LOOPBACK:
    'Nothing listens at {where}. Node-RED runs in a container, where {host} is the container itself: use the address of the machine vMix runs on (often host.docker.internal).',
  VMIX_WEB_CONTROLLER_OFF:
    'vMix runs, since its TCP port answers, but nothing listens at {where}: switch its web controller on (in vMix: Settings, Web Controller), or set the port that it shows there.',
  VMIX_TCP_REFUSED:
    'Nothing listens at {where}, the TCP port of vMix: switch it on in vMix (Settings, Web Controller), or set no TCP port; then news comes with the next poll.',
  VMIX_UNREACHABLE:
    'No way to {where} ({reason}). Check the host name, the network and the firewall of the vMix machine.',
  VMIX_NO_ANSWER:
    'Something at {where} took the connection and said nothing for {seconds} s: vMix is frozen, or this is another program.',
  VMIX_WRONG_PASSWORD:
    'vMix at {where} refused user or password. In vMix: Settings, Web Controller shows the right ones.',
  VMIX_PASSWORD_MISSING:
    'vMix at {where} wants a user and a password and none are set. In vMix: Settings, Web Controller shows them.',
  VMIX_PORTS_SWAPPED: '{where} is {what} of vMix. Its web controller is usually 8088, its TCP port 8099.',

  VMIX_TEST_PASSWORD_NEEDED:
    'The address differs from the deployed one, so the stored password is not sent there. Type the password again to test.',

  // what a vMix answers, and what turned out to be none
  VMIX_NOT_VMIX:
    'The program at {where} is not vMix: {reason}. Check host and port; vMix shows its own under Settings, Web Controller.',
  VMIX_BROWSER_REFUSED:
    'vMix at {where} took this for a web page and refused it ("Browser script access not permitted"). Use the address of its network card in place of 127.0.0.1 or localhost, and no proxy between.',
  VMIX_DOCUMENT_TRUNCATED:
    'vMix at {where} sent only a part of its state. If it happens again, look at the network and at a proxy or firewall in between.',
  VMIX_DOCUMENT_TOO_LARGE:
    'What {where} sent as its state is larger than {limit} MB, so it was not read. Is this vMix? If so, shorten the lists in its inputs.',
  VMIX_DOCUMENT_BROKEN:
    'What {where} sent as its state begins like vMix and cannot be read. If it happens again, please report it with the version of vMix.',
} as const;
