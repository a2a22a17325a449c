/** Browser code shared by the dialogs: the global `liveProduction` of the editor. */
export * from './applications';
export { anyConnection, chosenConnection, preselect, splitAddress } from './connections';
export { anyTicked, channels, isTicked } from './channels';
export {
  clear,
  current,
  currentText,
  field,
  form,
  offer,
  relabel,
  reword,
  row,
  showRows,
  tabs,
  text,
  typed,
  whenChanged,
} from './dialog';
export { watchesOf } from './health-rules';
export { liveList } from './live-list';
export { asksReceiver, mediaServerVerdict, receivedVerdict, receiver } from './receiver';
export { rulesTable } from './rules-table';
export { post } from './requests';
export { pasteRow, pressedTwice } from './small-parts';
export { testButton, tryButton } from './test-button';
export { openTimeline } from './timeline';
export * as check from './validators';
