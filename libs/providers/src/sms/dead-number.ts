/** Codes with which the mobile networks of China say that nobody has the number. Vendors hand them through in their receipts. */
const NOBODY_HAS_IT: ReadonlySet<string> = new Set(['MK:0001', 'MI:0073', 'MI:0210', 'CB:0001', 'CB:0053', 'DB:0101']);

/** True only where the code means that and nothing else: a phone that is off or out of credit may work tomorrow. */
export const isDeadNumberCode = (code: string): boolean => NOBODY_HAS_IT.has(code.trim().toUpperCase());
