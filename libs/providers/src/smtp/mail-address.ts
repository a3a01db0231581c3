/**
 * One plain address and nothing else. Addresses are checked more strictly when they are stored; this last wall keeps
 * whatever got past it from becoming a second receiver or a header of its own.
 */
export const MAIL_ADDRESS = /^[^\s\p{C}@<>()[\],;:"\\]{1,64}@[^\s\p{C}@<>()[\],;:"\\]{1,253}$/u;
