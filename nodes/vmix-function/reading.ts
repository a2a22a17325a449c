import { fail } from '../../lib/errors';
import type { TypedParameters } from '../../lib/vmix/functions/typed-call';
import type { ParameterName } from '../../lib/vmix/functions/types';
import type { VmixFunctionDef } from './types';

/** The field of the dialog for a parameter of vMix. */
export function fieldOf(config: VmixFunctionDef, parameter: ParameterName): { value: string; type: string } {
  const property = (parameter[0]!.toLowerCase() + parameter.slice(1)) as Uncapitalize<ParameterName>;
  return { value: config[property] ?? '', type: config[`${property}Type`] ?? 'str' };
}

/** The parameters as one object; nothing is none. Throws INPUT_INVALID. */
export function wholeObject(value: unknown, field = 'parameters'): TypedParameters {
  if (value === undefined || value === null || value === '') return {};
  if (typeof value === 'object' && !Array.isArray(value) && !Buffer.isBuffer(value))
    return value as TypedParameters;
  const kind = Array.isArray(value) ? 'a list' : Buffer.isBuffer(value) ? 'a buffer' : `a ${typeof value}`;
  throw fail('INPUT_INVALID', { field, reason: `it must be an object of parameters, not ${kind}` });
}

/** A step of a batch: a name that may be none, and its parameters beside it. */
export interface Step {
  /** where it stands, for an error */
  field: string;
  name: unknown;
  typed: TypedParameters;
}

/** A list of functions. Throws INPUT_INVALID where it is none, or where an entry is no object. */
export function stepsOf(value: unknown): Step[] {
  if (!Array.isArray(value))
    throw fail('INPUT_INVALID', {
      field: 'functions',
      reason: 'it must be a list of {function, Input, Value …}',
    });
  return value.map((entry: unknown, index) => {
    const field = `function ${index + 1} of the list`;
    const { function: name, ...typed } = wholeObject(entry, field);
    return { field, name, typed };
  });
}
