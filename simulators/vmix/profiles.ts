/** Which vMix is played. 24 and 27 after captures, 28 after captures and field clients, 29 after measurements of others. */
export type VmixProfile = 'vmix-24' | 'vmix-27' | 'vmix-28' | 'vmix-29';

export interface Profile {
  version: string;
  major: number;
  /** streaming channels */
  channels: number;
  /** whether the document lists its outputs */
  outputs: boolean;
  /** whether an output can show `omt` */
  omt: boolean;
  /** how many overlays the document lists */
  overlays: number;
  /** how many of them can be addressed */
  usableOverlays: number;
  /** whether inputs show `soloPFL` */
  soloPfl: boolean;
}

export const PROFILES: Readonly<Record<VmixProfile, Profile>> = {
  'vmix-24': {
    version: '24.0.0.72',
    major: 24,
    channels: 3,
    outputs: false,
    omt: false,
    overlays: 8,
    usableOverlays: 4,
    soloPfl: false,
  },
  'vmix-27': {
    version: '27.0.0.81',
    major: 27,
    channels: 3,
    outputs: false,
    omt: false,
    overlays: 8,
    usableOverlays: 4,
    soloPfl: true,
  },
  'vmix-28': {
    version: '28.0.0.42',
    major: 28,
    channels: 5,
    outputs: true,
    omt: false,
    overlays: 8,
    usableOverlays: 4,
    soloPfl: true,
  },
  'vmix-29': {
    version: '29.0.0.49',
    major: 29,
    channels: 5,
    outputs: true,
    omt: true,
    overlays: 16,
    usableOverlays: 8,
    soloPfl: true,
  },
};
