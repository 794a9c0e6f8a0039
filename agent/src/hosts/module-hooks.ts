import { registerHooks } from 'node:module';

const SDK = '@dynamic-informer/sdk';

/** Whether this is how the SDK, or a part of it, is imported. */
export const isSdk = (specifier: string): boolean => specifier === SDK || specifier.startsWith(`${SDK}/`);

/**
 * Lets a plugin that is a single file, in a folder without node_modules, import the SDK all the same:
 * where the name can't be found from there, it is the agent's own copy.
 */
export function resolveSdk(): void {
  registerHooks({
    resolve(specifier, context, next) {
      if (!isSdk(specifier)) return next(specifier, context);
      try {
        return next(specifier, context);
      } catch {
        return next(specifier, { ...context, parentURL: import.meta.url });
      }
    },
  });
}
