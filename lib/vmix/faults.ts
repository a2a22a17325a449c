import { isLoopback, runsInContainer } from '../connection/this-machine';
import { fail, LiveError } from '../errors';

/** What was under way when something went wrong; nothing in it is secret. */
export interface Attempt {
  where: string;
  host: string;
  /** `its state`, or the name of a function */
  action: string;
  /** which port was spoken to */
  port: 'http' | 'tcp';
  seconds: number;
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
const GREETING = /^VERSION OK \d/;

/** What undici or a socket threw, as a coded error that names the fault. */
export function requestFault(thrown: unknown, attempt: Attempt, inContainer = runsInContainer): LiveError {
  if (thrown instanceof LiveError) return thrown;
  const { where, host, action, port, seconds } = attempt;
  const code = codeOf(thrown);
  if (code === 'ECONNREFUSED') {
    if (port === 'tcp') return fail('VMIX_TCP_REFUSED', { where });
    return isLoopback(host) && inContainer()
      ? fail('VMIX_CONTAINER_LOOPBACK', { where, host })
      : fail('VMIX_REFUSED', { where });
  }
  if (code !== null && UNREACHABLE.has(code)) return fail('VMIX_UNREACHABLE', { where, reason: code });
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return fail('VMIX_UNREACHABLE', { where, reason: 'no answer' });
  if (code !== null && /TIMEOUT/.test(code)) return fail('VMIX_TIMEOUT', { where, action, seconds });
  if (code?.startsWith('HPE_') || nameOf(thrown) === 'HTTPParserError') {
    const { data } = thrown as { data?: string | Buffer };
    if (GREETING.test(data?.toString() ?? ''))
      return fail('VMIX_PORTS_SWAPPED', { where, what: 'the TCP port' });
    return fail('VMIX_NOT_VMIX', { where, reason: 'it does not answer as a web server' });
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW')
    return fail('VMIX_NOT_VMIX', { where, reason: 'it sends more headers than any vMix does' });
  return fail('VMIX_DISCONNECTED', { where, action });
}

/** What a status other than 200 means. `passwordSent`: whether there was one to refuse. */
export function statusFault(status: number, attempt: Attempt, passwordSent: boolean): LiveError {
  const { where, action } = attempt;
  if (status === 401 || status === 403)
    return fail(passwordSent ? 'VMIX_WRONG_PASSWORD' : 'VMIX_PASSWORD_MISSING', { where, final: true });
  if (status >= 500) return fail('VMIX_REJECTED', { where, action, reason: `HTTP status ${status}`, status });
  return fail('VMIX_NOT_VMIX', { where, reason: `it answers with HTTP status ${status}` });
}

/** Whether nobody knows if vMix did it: only its state can tell. */
export function isUnanswered(error: unknown): error is LiveError {
  return error instanceof LiveError && (error.code === 'VMIX_TIMEOUT' || error.code === 'VMIX_DISCONNECTED');
}

/** Whether trying again without a person's help is useless. */
export function isFinal(fault: LiveError): boolean {
  return fault.details.final === true;
}

/** `localhost` gives one error for each address family, wrapped; any of them tells. */
function codeOf(thrown: unknown): string | null {
  const { code, errors, cause } = Object(thrown) as { code?: unknown; errors?: unknown[]; cause?: unknown };
  if (typeof code === 'string') return code;
  const inner = errors?.[0] ?? cause;
  return inner === undefined ? null : codeOf(inner);
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : '';
}
