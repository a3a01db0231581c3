/** As much of a browser as redirects and cookies need: a jar per host, every step visible. */
export class CookieClient {
  private readonly jars = new Map<string, Map<string, string>>();

  async get(url: string, init: RequestInit = {}): Promise<Response> {
    const { host } = new URL(url);
    const jar = this.jar(host);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { accept: 'text/html', ...(cookie ? { cookie } : {}), ...(init.headers as Record<string, string>) },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /max-age=0\b/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  /** Follows redirects until one leads to where `isThere` says, and answers that address; else the last page's address. */
  async follow(url: string, isThere: (url: string) => boolean = () => false): Promise<string> {
    let at = url;
    for (let steps = 0; steps < 10; steps++) {
      const response = await this.get(at);
      await response.arrayBuffer();
      const next = response.headers.get('location');
      if (next === null) return at;
      at = new URL(next, at).href;
      if (isThere(at)) return at;
    }
    throw new Error(`no end of redirects at ${at}`);
  }

  cookies(url: string): ReadonlyMap<string, string> {
    return this.jar(new URL(url).host);
  }

  private jar(host: string): Map<string, string> {
    const jar = this.jars.get(host) ?? new Map<string, string>();
    this.jars.set(host, jar);
    return jar;
  }
}
