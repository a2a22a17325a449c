import type { ActionDef } from '../../red/types';

export const MODES = ['fields', 'object', 'batch'] as const;

export interface VmixFunctionDef extends ActionDef {
  mode: (typeof MODES)[number];
  functionName: string;
  functionNameType: string;
  input: string;
  inputType: string;
  value: string;
  valueType: string;
  duration: string;
  durationType: string;
  mix: string;
  mixType: string;
  channel: string;
  channelType: string;
  selectedName: string;
  selectedNameType: string;
  selectedIndex: string;
  selectedIndexType: string;
  parameters: string;
  parametersType: string;
  batch: string;
  batchType: string;
  haltOnFailure: boolean;
  allowBlank: boolean;
}
