/** A name or an address that only this machine itself reaches, as in HOST or in a Host header (without its port). */
export const isLoopbackHost = (host: string): boolean => /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i.test(host);
