/** An SRT stream that an application sends beside its streams. */
export interface SrtOutputs {
  /** what goes out over SRT now, by name of the output */
  states(): { output: string; state: 'idle' | 'starting' | 'live' | 'stopping' | 'unknown' }[];
}
