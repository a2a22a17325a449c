import { isLoopback, runsInContainer } from '../connection/this-machine';
import { fail, LiveError } from '../errors';
import { redactText } from '../secrets';

/** What is known of an attempt that came to nothing. */
export interface Attempt {
  where: string;
  host: string;
  passwordSent: boolean;
  /** the socket's own error, which tells more than the library's */
  socketError: NodeJS.ErrnoException | null;
}

const UNREACHABLE = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EADDRNOTAVAIL',
  'EHOSTDOWN',
  'EACCES',
]);
const CLOSE_AUTH_FAILED = 4009;
const CLOSE_UNSUPPORTED_RPC = 4010;
const CLOSE_KICKED = 4011;

/** A failed connect as a coded error that names the fault. Close codes: obs-websocket 5 protocol. */
export function connectFault(thrown: unknown, attempt: Attempt, inContainer = runsInContainer()): LiveError {
  if (thrown instanceof LiveError) return thrown;
  const { where, host } = attempt;
  const closeCode =
    typeof (thrown as { code?: unknown }).code === 'number' ? (thrown as { code: number }).code : null;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (closeCode !== null && closeCode >= 4000) return closeFault(closeCode, message, attempt);

  const socketCode = errnoOf(attempt.socketError);
  const text = redactText(attempt.socketError?.message || message);
  if (socketCode === 'ECONNREFUSED')
    return inContainer && isLoopback(host)
      ? fail('OBS_CONTAINER_LOOPBACK', { where, host })
      : fail('OBS_REFUSED', { where });
  if (socketCode && UNREACHABLE.has(socketCode))
    return fail('OBS_UNREACHABLE', { where, reason: socketCode });
  if (/subprotocol|obs-websocket 5/i.test(text))
    return fail('OBS_TOO_OLD', {
      where,
      reason: 'it offers no obs-websocket 5; it may be obs-websocket 4, or another program',
    });
  if (
    /certificate|self.signed|wrong version number|ssl|tls|altname/i.test(text) ||
    /^(CERT_|ERR_(TLS|SSL)|EPROTO|DEPTH_|UNABLE_TO|SELF_)/.test(socketCode ?? '')
  )
    return fail('OBS_TLS_FAILED', { where, reason: text });
  const answered = /Unexpected server response: (\d+)/.exec(text);
  if (answered)
    return fail('OBS_NOT_OBS', { where, reason: `it answers as a web server, with status ${answered[1]}` });
  return fail('OBS_NOT_OBS', { where, reason: text || 'it closed the connection before it said hello' });
}

/** A close of the server's as a coded error; `details.final` where the protocol forbids, or sense forbids, to try again. */
export function closeFault(code: number, reason: string, attempt: Attempt): LiveError {
  const { where } = attempt;
  const final = true;
  if (code === CLOSE_AUTH_FAILED)
    return fail(attempt.passwordSent ? 'OBS_WRONG_PASSWORD' : 'OBS_PASSWORD_MISSING', { where, final });
  if (code === CLOSE_UNSUPPORTED_RPC)
    return fail('OBS_TOO_OLD', { where, reason: redactText(reason) || 'rpc version', final });
  if (code === CLOSE_KICKED) return fail('OBS_KICKED', { where, final });
  return fail('OBS_NOT_OBS', { where, reason: `it closed the session with code ${code}` });
}

/** Whether trying again without a person's help is useless or forbidden by the protocol. */
export function isFinal(fault: LiveError): boolean {
  return fault.details.final === true;
}

/** `localhost` gives one error per address family, wrapped; any of them tells. */
function errnoOf(error: NodeJS.ErrnoException | null): string | null {
  if (!error) return null;
  if (error.code) return error.code;
  const inner = (error as { errors?: NodeJS.ErrnoException[] }).errors?.[0];
  return inner?.code ?? null;
}
