import type { Release } from '../production/application';
import { hold } from '../secrets';
import type { VmixState } from './state-types';

/**
 * The passwords of video calls: vMix puts them into titles by default, and shows them to everybody in the network. Held, they are
 * hidden wherever text leaves.
 */
export class CallPasswords {
  private readonly held = new Map<string, Release>();

  see(state: VmixState): void {
    const present = new Set(state.inputs.flatMap(({ call }) => (call?.password ? [call.password] : [])));
    for (const password of present) if (!this.held.has(password)) this.held.set(password, hold(password));
    for (const [password, release] of this.held) {
      if (present.has(password)) continue;
      release();
      this.held.delete(password);
    }
  }

  clear(): void {
    for (const release of this.held.values()) release();
    this.held.clear();
  }
}
