import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const SDK = '@dynamic-informer/sdk';

/**
 * Lets a plugin that is a single file, in a folder without node_modules, import the SDK all the same:
 * where the name can't be found from there, it is the agent's own copy.
 */
export function resolveSdk(): void {
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier !== SDK && !specifier.startsWith(`${SDK}/`)) return next(specifier, context);
      try {
        return next(specifier, context);
      } catch {
        return next(specifier, { ...context, parentURL: import.meta.url });
      }
    },
  });
}

/** Gives a function that lists the files loaded since, those of installed packages left out. */
export function trackLoadedFiles(): () => string[] {
  const files = new Set<string>();
  registerHooks({
    load(url, context, next) {
      if (url.startsWith('file:') && !url.includes('/node_modules/')) files.add(fileURLToPath(url));
      return next(url, context);
    },
  });
  return () => [...files];
}
