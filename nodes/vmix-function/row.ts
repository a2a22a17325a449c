import { findFunction } from '../../lib/vmix/functions';
import { didYouMean, runsCode } from '../../lib/vmix/functions/guard';
import type { VmixFunction } from '../../lib/vmix/functions';

/** What the dialog shows of a function: its row of the table, or advice where no list has it. */
export type FunctionRow =
  { known: true; row: VmixFunction } | { known: false; advice: string; dangerous: boolean };

/** The row of one function by its name. */
export function functionRow(name: string): FunctionRow {
  const row = findFunction(name);
  return row ? { known: true, row } : { known: false, advice: didYouMean(name), dangerous: runsCode(name) };
}
