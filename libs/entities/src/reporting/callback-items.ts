/** Items one callback may carry. */
export const CALLBACK_ITEMS = 100;
