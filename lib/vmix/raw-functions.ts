import { asLiveError, fail } from '../errors';
import type { Release } from '../production/application';
import { containsMarker, hold, redact, SECRET_MARKER } from '../secrets';
import type { VmixClient } from './client';
import { findFunction } from './functions';
import { isHiddenEverywhere, mustBeAllowed } from './functions/guard';
import { functionQuery, type FunctionCall } from './functions/query';
import { parametersOf, secretOf } from './functions/typed-call';

/** What became of a function that was sent as it is. */
export interface RawFunctionResult {
  /** as vMix spells it */
  function: string;
  /** vMix took it, which says nothing of what became of it */
  accepted: boolean;
  /** as they were sent, without secrets */
  parameters: Record<string, unknown>;
}

/** The same in a batch. */
export interface RawFunctionStep extends RawFunctionResult {
  /** of the error, null when accepted */
  code: string | null;
  /** why vMix did not take it, or null */
  reason: string | null;
}

const LARGEST_BATCH = 1000;
/** Secrets that were sent stay hidden for as long as the connection is open; of more than this many the newest. */
const MOST_SECRETS = 100;
/** vMix answered, and said no: the next one may well be taken. Anything else, and nobody knows what arrived. */
const ANSWERED = new Set(['VMIX_FUNCTION_UNKNOWN', 'VMIX_REJECTED']);
/** Any function of vMix, through the same lane as everything else and heard by the same book of what was asked for. */
export class RawFunctions {
  private readonly held: Release[] = [];

  constructor(
    private readonly client: VmixClient,
    private readonly allowScripts: boolean,
  ) {}

  /** Send one. Rejects with a coded error: nothing reached vMix, it said no, or after a timeout nobody knows. */
  async call(call: FunctionCall): Promise<RawFunctionResult> {
    this.check(call);
    await this.send(call);
    return { ...told(call), accepted: true };
  }

  /**
   * Send several, one after the other; all are looked at before the first goes. One result for each that was sent: the last one is
   * the first that vMix did not take, where `haltOnFailure`. Rejects with VMIX_BATCH_BROKEN where the connection broke.
   */
  async batch(calls: readonly FunctionCall[], haltOnFailure: boolean): Promise<RawFunctionStep[]> {
    if (calls.length === 0) throw fail('INPUT_INVALID', { field: 'functions', reason: 'the list is empty' });
    if (calls.length > LARGEST_BATCH)
      throw fail('INPUT_INVALID', {
        field: 'functions',
        reason: `the list has ${calls.length}, more than ${LARGEST_BATCH}`,
      });
    for (const call of calls) this.check(call);
    const steps: RawFunctionStep[] = [];
    for (const call of calls) {
      const step = await this.step(call, steps.length, calls.length);
      steps.push(step);
      if (!step.accepted && haltOnFailure) break;
    }
    return steps;
  }

  /** Secrets that were sent are forgotten. */
  close(): void {
    for (const release of this.held.splice(0)) release();
  }

  private async step(call: FunctionCall, done: number, count: number): Promise<RawFunctionStep> {
    try {
      await this.send(call);
      return { ...told(call), accepted: true, code: null, reason: null };
    } catch (thrown) {
      const error = asLiveError(thrown);
      if (ANSWERED.has(error.code))
        return { ...told(call), accepted: false, code: error.code, reason: error.message };
      if (done === 0) throw error;
      const { name } = call;
      const details = { done, count, where: this.client.where, name, reason: error.message };
      throw fail('VMIX_BATCH_BROKEN', details, error);
    }
  }

  private check(call: FunctionCall): void {
    if (containsMarker(parametersOf(call))) throw fail('SECRET_MARKER_SENT', { marker: SECRET_MARKER });
    // throws where the name or a value is none
    functionQuery(call);
    mustBeAllowed(call.name, this.client.where, this.allowScripts);
  }

  private send(call: FunctionCall): Promise<void> {
    const secret = secretOf(call.name, call.value)?.secret;
    if (secret && isHiddenEverywhere(call.name)) {
      this.held.push(hold(secret));
      if (this.held.length > MOST_SECRETS) this.held.shift()?.();
    }
    return this.client.call(call, { priority: /^stop/i.test(call.name.trim()) ? 'stop' : 'action' });
  }
}

function told(call: FunctionCall): Omit<RawFunctionResult, 'accepted'> {
  const parameters: Record<string, unknown> = parametersOf(call);
  const found = secretOf(call.name, call.value);
  if (found)
    parameters.Value = found.whole.slice(0, found.whole.length - found.secret.length) + SECRET_MARKER;
  return { function: findFunction(call.name)?.name ?? call.name.trim(), parameters: redact(parameters) };
}
