export interface PrivateMosquitto {
  port: number;
  url: string;
  /** Stopped and started again on what it had written. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}
export function hasMosquitto(): boolean;
export const ACL: string;
export function startMosquitto(options: { users: Record<string, string>; more?: string }): Promise<PrivateMosquitto>;
