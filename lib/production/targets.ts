/** A place to stream to, with its secrets. Never leaves the process: messages carry `name` only. */
export interface StreamTarget {
  name: string;
  service: ServiceId;
  server: string;
  key: string;
  user: string;
  password: string;
}

export type ServiceId = 'as-set' | 'twitch' | 'youtube' | 'facebook' | 'restream' | 'rtmp' | 'srt' | 'whip';
