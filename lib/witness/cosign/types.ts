/** One outside party that countersigns the log's checkpoints. */
export interface CosignerClient {
  /** as its key names it */
  readonly name: string;
  /** `name+id+base64` of a key of cosignatures */
  readonly vkey: string;
  /**
   * Have a checkpoint countersigned. What the cosigner has seen of the log is remembered from call to call.
   * @param note the signed checkpoint
   * @param size entries under it
   * @param proofFrom that the checkpoint begins with the tree of that size: the proof of consistency, empty for 0 and for `size`
   * @returns the line of the cosignature, verified; several with line breaks between them
   * @throws LiveError WITNESS_COSIGNER_*; never later than its own deadline, at once when `signal` aborts: STOPPED, or TIMEOUT where the reason is a `LateError`
   */
  cosign(
    note: string,
    size: number,
    proofFrom: (oldSize: number) => Promise<Buffer[]>,
    signal: AbortSignal,
  ): Promise<string>;
}
