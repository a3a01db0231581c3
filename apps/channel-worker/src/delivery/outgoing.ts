import type { DeviceRow, DueDelivery, MessageForSending } from '#entities';
import type { OutboundDelivery } from '#providers';

/** A delivery with what its provider is given. */
export interface Outgoing {
  delivery: DueDelivery;
  message: MessageForSending;
  outbound: OutboundDelivery;
  /** It went out before and no receipt came. */
  isAgain: boolean;
  /** As in `outbound`. */
  address: string;
  /** Channel `push`: the device it goes to; absent: nobody registered the token as one. */
  device?: DeviceRow;
}
