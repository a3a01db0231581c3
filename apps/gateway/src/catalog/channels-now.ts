import type { Channel, PlanStep } from '#contracts';
import type { ChannelConfig, SmartSettings } from '#entities';

export interface ChannelView {
  /** Switched on and served by a provider (or the sandbox). */
  isOn: boolean;
  config: ChannelConfig | null;
}

/** What the administrator's settings say of all channels at one moment. */
export class ChannelsNow {
  constructor(
    private readonly views: ReadonlyMap<Channel, ChannelView>,
    /** Order in which mode `any` tries. */
    readonly order: readonly Channel[],
    readonly smart: SmartSettings,
  ) {}

  isOn(channel: Channel): boolean {
    return this.views.get(channel)?.isOn ?? false;
  }

  /** A step of mode `smart`, with the proof the administrator asks of this channel. */
  smartStep(channel: Channel): PlanStep {
    const config = this.views.get(channel)?.config;
    return config?.smart_success_when
      ? { channel, successWhen: config.smart_success_when, withinS: config.smart_within_s ?? 60 }
      : { channel };
  }
}
