/** Primary key of a delivery, as rows name it. */
export interface DeliveryKey {
  message_id: string;
  seq: number;
}
