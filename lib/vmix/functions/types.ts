/** What a function of vMix takes besides its name. */
export type ParameterName =
  'Input' | 'Value' | 'Duration' | 'Mix' | 'Channel' | 'SelectedName' | 'SelectedIndex';

export interface VmixParameter {
  name: ParameterName;
  required: boolean;
  /** in plain words, for a dialog */
  meaning: string;
}

export type FunctionCategory =
  | 'streams and recordings'
  | 'switching'
  | 'overlays'
  | 'inputs'
  | 'layers'
  | 'titles'
  | 'sound'
  | 'calls'
  | 'cameras and NDI'
  | 'replay'
  | 'playlists and data'
  | 'vMix itself';

/** One function of vMix, in plain words. */
export interface VmixFunction {
  name: string;
  category: FunctionCategory;
  /** what it does, as half a sentence */
  does: string;
  parameters: readonly VmixParameter[];
  /** the first version whose function list has it; 23 is the oldest list known, and stands for "23 or older" */
  since: number;
  /** sent twice, it undoes itself: never repeat it after a timeout */
  toggle: boolean;
  /** runs code or presses keys on the vMix machine */
  dangerous: boolean;
  /** its value is secret, or holds something that is */
  secret: boolean;
}
