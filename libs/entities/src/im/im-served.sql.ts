/** SQL: the process of session `s` is there. */
export const isServed = (s: string): string =>
  `EXISTS (SELECT 1 FROM im_replica r WHERE r.replica_id = ${s}.replica_id AND r.lease_until > now())`;
