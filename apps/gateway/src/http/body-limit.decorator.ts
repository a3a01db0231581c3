import { RouteConfig } from '@nestjs/platform-fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Largest body, in bytes; see `BodyLimit`. */
    bodyBytes?: number;
  }
}

/**
 * Largest body of a call, or of all calls of a controller, where it is not that of an ordinary call. What is beyond it is never kept,
 * and told by the door when it decodes the body.
 */
export function BodyLimit(bodyBytes: number): ClassDecorator & MethodDecorator {
  const limit = RouteConfig({ bodyBytes }) as MethodDecorator;
  return (target: object, name?: string | symbol, method?: PropertyDescriptor) => {
    if (name !== undefined && method) return void limit(target, name, method);
    const calls = Object.getOwnPropertyDescriptors((target as { prototype: object }).prototype);
    for (const [call, descriptor] of Object.entries(calls)) {
      if (call !== 'constructor' && typeof descriptor.value === 'function') limit(target, call, descriptor);
    }
  };
}
