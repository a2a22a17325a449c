// The state machine of the guest queue: every rule takes a state and a moment, and gives the next state and what is to be done.
export { emptyQueue, type Moment, type Step } from './draft';
export { absent, join, leave } from './gate';
export { seen, type Listed } from './reconcile';
export {
  isWanted,
  orderText,
  ordered,
  parseOrder,
  switchFailed,
  switched,
  tryAgain,
  type Order,
} from './switching';
export { command } from './commands';
export { nextDueMs, tick } from './due';
export { viewOf } from './view';
