const GATEWAY_STATUSES: ReadonlySet<number> = new Set([408, 502, 504]);

/**
 * Whoever stands in front of a vendor says with these that it lost the request or its answer: nobody knows whether the vendor
 * has taken it.
 */
export const isGatewayAnswer = (status: number): boolean => GATEWAY_STATUSES.has(status);
